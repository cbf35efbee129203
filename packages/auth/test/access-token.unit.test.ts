import { createHmac } from "node:crypto";
import { type CryptoKey, importJWK, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  accessTokenLifetimeS,
  createAccessTokenVerifier,
  type PublicKeys,
  signAccessToken,
} from "../src/access-token.ts";
import { generateKeyPair, type KeyPair } from "../src/key-pair.ts";
import { createMinter } from "../src/minter.ts";

const start = Date.UTC(2026, 0, 5, 9);
const issuer = "keynode";
const named = { tenant: "tenant_acme", userId: "user_li", sessionId: "session_1" };

let current: KeyPair;
let next: KeyPair;
let stranger: KeyPair;
beforeAll(async () => {
  [current, next, stranger] = await Promise.all([generateKeyPair(), generateKeyPair(), generateKeyPair()]);
});

const privateKey = async (pair: KeyPair): Promise<CryptoKey> =>
  (await importJWK(pair.privateJwk, "EdDSA")) as CryptoKey;

const signed = async (pair: KeyPair, at = start): Promise<string> => {
  const key = { keyId: pair.keyId, privateKey: await privateKey(pair) };
  return (await signAccessToken(named, key, { issuer, now: new Date(at) })).text;
};

const verifier = ({ at = start, keys = { keys: [current.publicJwk] } }: { at?: number; keys?: PublicKeys } = {}) =>
  createAccessTokenVerifier({
    issuer,
    keys: { current: async () => keys, renew: async () => keys },
    now: () => new Date(at),
  });

const claims = {
  iss: issuer,
  aud: "keynode-api",
  sub: named.userId,
  tenant: named.tenant,
  sid: named.sessionId,
  iat: start / 1_000,
  exp: start / 1_000 + accessTokenLifetimeS,
};

/** A token as an attacker with some key could write it. */
const forge = async (pair: KeyPair, changes: object = {}, header: object = {}): Promise<string> =>
  new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: pair.keyId, ...header })
    .sign(await privateKey(pair));

describe("an access token", () => {
  it("tells whose session it is of, until it ends", async () => {
    const token = await signed(current);
    const expireTime = new Date(start + accessTokenLifetimeS * 1_000);
    expect(await verifier()(token)).toEqual({ ...named, expireTime });
    expect(await verifier({ at: start + (accessTokenLifetimeS + 6) * 1_000 })(token)).toBe("refused");
  });
  it("written with the right claims and key is one, so that each forgery below fails by its one change", async () => {
    expect(await verifier()(await forge(current))).toMatchObject(named);
  });
  it.each<[string, object, object]>([
    ["for another audience", { aud: "account" }, {}],
    ["from another issuer", { iss: "elsewhere" }, {}],
    ["of another type", {}, { typ: "keynode-internal+jwt" }],
    ["of no type", {}, { typ: undefined }],
    ["that never ends", { exp: undefined }, {}],
    ["that was signed too long ago", { iat: start / 1_000 - 3_600, exp: start / 1_000 + 3_600 }, {}],
    ["without a tenant", { tenant: undefined }, {}],
    ["without a session", { sid: undefined }, {}],
    ["of an API key", { sub: "apikey_1" }, {}],
    ["of a service", { sub: "service:gateway" }, {}],
  ])("%s is refused", async (_case, changes, header) => {
    expect(await verifier()(await forge(current, changes, header))).toBe("refused");
  });
  it("by a key that nobody published is refused, also under the name of one that is", async () => {
    expect(await verifier()(await forge(stranger))).toBe("refused");
    expect(await verifier()(await forge(stranger, {}, { kid: current.keyId }))).toBe("refused");
  });
  it("without a signature is refused (alg none)", async () => {
    const unsigned = new UnsecuredJWT(claims).encode();
    expect(await verifier()(unsigned)).toBe("refused");
    const header = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt", kid: current.keyId })).toString(
      "base64url",
    );
    expect(await verifier()(`${header}.${unsigned.split(".")[1]}.`)).toBe("refused");
  });
  it("signed as HS256 with the public key as secret is refused", async () => {
    const { x = "" } = current.publicJwk;
    const head = { alg: "HS256", typ: "at+jwt", kid: current.keyId };
    const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    for (const secret of [x, Buffer.from(x, "base64url"), JSON.stringify(current.publicJwk)]) {
      const mac = createHmac("sha256", secret).update(text).digest("base64url");
      expect(await verifier()(`${text}.${mac}`)).toBe("refused");
    }
  });
  it("that brings its own key along is refused", async () => {
    const jwk: JWK = stranger.publicJwk;
    expect(await verifier()(await forge(stranger, {}, { kid: undefined, jwk }))).toBe("refused");
  });
  it("is not an internal token, nor the other way round", async () => {
    const internal = await createMinter({
      issuer: "gateway",
      privateJwk: current.privateJwk,
      keyId: current.keyId,
      now: () => new Date(start),
    })(
      { tenant: named.tenant, actor: named.userId, roles: [], teams: [], grants: {}, policyVersion: 1 },
      "keynode-api",
    );
    expect(await verifier()(internal)).toBe("refused");
  });
  it.each(["", "a.b.c", "nonsense", `${"a".repeat(5_000)}.b.c`])("is not just any text: %s", async (text) => {
    expect(await verifier()(text)).toBe("refused");
  });
});

describe("the keys", () => {
  it("are asked for again when a token names one that is not known yet", async () => {
    const token = await signed(next);
    let asked = 0;
    const verify = createAccessTokenVerifier({
      issuer,
      keys: {
        current: async () => ({ keys: [current.publicJwk] }),
        renew: async () => {
          asked += 1;
          return { keys: [current.publicJwk, next.publicJwk] };
        },
      },
      now: () => new Date(start),
    });
    expect(await verify(token)).toMatchObject(named);
    expect(await verify(await signed(current))).toMatchObject(named);
    expect(asked).toBe(1);
  });
  it("that nobody can tell make no token a bad one", async () => {
    const none = createAccessTokenVerifier({
      issuer,
      keys: { current: async () => undefined, renew: async () => undefined },
    });
    expect(await none(await signed(current))).toBe("unavailable");
  });
  it("that were taken away verify nothing any more", async () => {
    expect(await verifier({ keys: { keys: [next.publicJwk] } })(await signed(current))).toBe("refused");
  });
});
