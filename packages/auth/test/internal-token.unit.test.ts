import { type JWK, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { generateKeyPair, type KeyPair } from "../src/key-pair.ts";
import { createMinter } from "../src/minter.ts";
import type { Principal } from "../src/principal.ts";
import { createVerifier, type VerifierOptions } from "../src/verifier.ts";

const user: Principal = {
  tenant: "tenant_acme",
  actor: "user_li",
  roles: ["sales"],
  teams: ["team_east"],
  grants: { "leads.*": "team" },
  policyVersion: 7,
};
const reader: Principal = { tenant: "*", actor: "service:lead", roles: [], teams: [], grants: {}, policyVersion: 0 };
const start = Date.UTC(2026, 0, 5, 9);

let gateway: KeyPair;
let lead: KeyPair;
let stranger: KeyPair;
beforeAll(async () => {
  [gateway, lead, stranger] = await Promise.all([generateKeyPair(), generateKeyPair(), generateKeyPair()]);
});

const verifier = (options: Partial<VerifierOptions> = {}) =>
  createVerifier({
    audience: "account",
    trustedKeys: { gateway: [gateway.publicJwk], "service:lead": [lead.publicJwk] },
    now: () => new Date(start),
    ...options,
  });

const mint = (principal: Principal, audience = "account", at = start) =>
  createMinter({
    issuer: principal === reader ? "service:lead" : "gateway",
    privateJwk: (principal === reader ? lead : gateway).privateJwk,
    keyId: (principal === reader ? lead : gateway).keyId,
    now: () => new Date(at),
  })(principal, audience);

const claims = {
  iss: "gateway",
  aud: "account",
  sub: user.actor,
  tenant: user.tenant,
  pv: user.policyVersion,
  roles: user.roles,
  teams: user.teams,
  grants: user.grants,
  iat: start / 1000,
  exp: start / 1000 + 60,
};
const typ = "keynode-internal+jwt";

/** A token as an attacker with some key could write it. */
const forge = async (pair: KeyPair, changes: object = {}, header: object = {}): Promise<string> =>
  new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: "EdDSA", typ, kid: pair.keyId, ...header })
    .sign(await importJWK(pair.privateJwk as JWK, "EdDSA"));

const refused = (reason: string) => ({ kind: "AuthFailure", reason });

describe("an accepted token", () => {
  it("gives back the principal that it was minted for", async () => {
    expect(await verifier()(await mint(user))).toEqual(user);
  });

  it("carries the session that the user signed in by", async () => {
    expect(await verifier()(await mint({ ...user, session: "session_1" }))).toEqual({ ...user, session: "session_1" });
  });

  it("carries the tenant's rules on masking, where it has its own", async () => {
    const maskRules = {
      PHONE: { keepFirst: 0, keepLast: 4, keepPlace: true },
      EMAIL: { keepFirst: 0, keepLast: 0, keepPlace: false },
    };
    expect(await verifier()(await mint({ ...user, maskRules }))).toEqual({ ...user, maskRules });
    expect(await verifier()(await mint(user))).not.toHaveProperty("maskRules");
  });
  it("gives a service the rights declared for it, on any tenant", async () => {
    const principal = await verifier()(await mint(reader));
    expect(principal).toEqual({
      ...reader,
      grants: { "journal.read": "all", "journal.readSensitive": "all", "access.filter": "all" },
    });
  });

  it("lasts a minute and the clocks' difference, also when verified before", async () => {
    let now = start;
    const verify = verifier({ now: () => new Date(now) });
    const token = await mint(user);
    expect(await verify(token)).toEqual(user);
    now = start + 64_999;
    expect(await verify(token)).toEqual(user);
    now = start + 65_000;
    expect(await verify(token)).toEqual(refused("expired"));
    expect(await verifier({ now: () => new Date(now) })(token)).toEqual(refused("expired"));
  });

  it("may come from a host whose clock is a little ahead", async () => {
    expect(await verifier()(await mint(user, "account", start + 4_000))).toEqual(user);
    expect(await verifier()(await mint(user, "account", start + 9_000))).toEqual(refused("bad_claims"));
  });

  it("may be signed by either key while keys rotate", async () => {
    const verify = verifier({ trustedKeys: { gateway: [stranger.publicJwk, gateway.publicJwk] } });
    expect(await verify(await mint(user))).toEqual(user);
    expect(await verify(await forge(stranger))).toEqual(user);
  });
});

describe("a token is refused", () => {
  it.each(["", "x", "a.b.c", "..", `${"a".repeat(70_000)}.b.c`])("that is not a token: %.20s", async (token) => {
    expect(await verifier()(token)).toEqual(refused("malformed"));
  });

  it("without a signature (alg none)", async () => {
    const unsecured = new UnsecuredJWT(claims).encode();
    expect(await verifier()(unsecured)).toEqual(refused("malformed"));
    const header = Buffer.from(JSON.stringify({ alg: "none", typ, kid: gateway.keyId })).toString("base64url");
    const [, body] = unsecured.split(".");
    expect(await verifier()(`${header}.${body}.`)).toEqual(refused("malformed"));
  });

  it("signed with the public key as a shared secret (HS256)", async () => {
    const header = Buffer.from(JSON.stringify({ alg: "HS256", typ, kid: gateway.keyId })).toString("base64url");
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
    const secret = Buffer.from(gateway.publicJwk.x ?? "", "base64url");
    const signature = createHmac("sha256", secret).update(`${header}.${body}`).digest("base64url");
    expect(await verifier()(`${header}.${body}.${signature}`)).toEqual(refused("malformed"));
  });

  it("whose key is not known", async () => {
    expect(await verifier()(await forge(stranger))).toEqual(refused("unknown_key"));
  });

  it("that names a trusted key but was signed by another", async () => {
    expect(await verifier()(await forge(stranger, {}, { kid: gateway.keyId }))).toEqual(refused("bad_signature"));
  });

  it("that was tampered with", async () => {
    const [header, body, signature] = (await mint(user)).split(".");
    const changed = JSON.parse(Buffer.from(body ?? "", "base64url").toString());
    changed.tenant = "tenant_other";
    const forged = Buffer.from(JSON.stringify(changed)).toString("base64url");
    expect(await verifier()(`${header}.${forged}.${signature}`)).toEqual(refused("bad_signature"));
  });

  it("that brings its own key", async () => {
    const forged = await forge(stranger, {}, { jwk: stranger.publicJwk, kid: gateway.keyId });
    expect(await verifier()(forged)).toEqual(refused("bad_signature"));
  });

  it("that was minted for another service", async () => {
    expect(await verifier()(await mint(user, "lead"))).toEqual(refused("bad_claims"));
  });

  it("of another type", async () => {
    expect(await verifier()(await forge(gateway, {}, { typ: "JWT" }))).toEqual(refused("bad_claims"));
  });

  it("whose issuer signs with another issuer's key", async () => {
    expect(await verifier()(await forge(lead))).toEqual(refused("unknown_key"));
    expect(await verifier()(await forge(lead, { iss: "service:account" }))).toEqual(refused("unknown_key"));
  });

  it("that has expired, or claims to live longer than a minute", async () => {
    expect(await verifier()(await mint(user, "account", start - 66_000))).toEqual(refused("expired"));
    const old = { iat: start / 1000 - 70, exp: start / 1000 + 3600 };
    expect(await verifier()(await forge(gateway, old))).toEqual(refused("expired"));
  });

  it("by which a service speaks for a user", async () => {
    expect(await verifier()(await forge(lead, { iss: "service:lead" }))).toEqual(refused("bad_claims"));
  });

  it("by which a service speaks for another service", async () => {
    const forged = await forge(lead, { iss: "service:lead", sub: "service:gateway", tenant: "*" });
    expect(await verifier()(forged)).toEqual(refused("bad_claims"));
  });

  it("by which the gateway speaks for a service", async () => {
    expect(await verifier()(await forge(gateway, { sub: "service:lead" }))).toEqual(refused("bad_claims"));
  });

  it("by which a user reaches across tenants", async () => {
    expect(await verifier()(await forge(gateway, { tenant: "*" }))).toEqual(refused("bad_claims"));
  });

  it.each([
    ["sub", undefined],
    ["sub", "root"],
    ["tenant", ""],
    ["tenant", 7],
    ["pv", "7"],
    ["roles", "sales"],
    ["teams", [1]],
    ["grants", { "leads.read": "everything" }],
    ["grants", null],
    ["sid", 1],
    ["mask", "none"],
    ["mask", []],
    ["mask", { PHONE: [3, 4] }],
    ["mask", { PHONE: [3, 4, "1"] }],
    ["mask", { PHONE: [-1, 4, 1] }],
  ])("whose %s is %j", async (claim, value) => {
    expect(await verifier()(await forge(gateway, { [claim]: value }))).toEqual(refused("bad_claims"));
  });

  it("of a policy that has since changed, also when verified before", async () => {
    let minimum = 7;
    const verify = verifier({ minimumPolicyVersion: (tenant) => (tenant === user.tenant ? minimum : undefined) });
    const token = await mint(user);
    expect(await verify(token)).toEqual(user);
    minimum = 8;
    expect(await verify(token)).toEqual(refused("policy_outdated"));
    expect(await verify(await mint({ ...user, policyVersion: 8 }))).toEqual({ ...user, policyVersion: 8 });
  });
});

describe("a service's rights", () => {
  it("are not taken from its token", async () => {
    const forged = await forge(lead, { iss: "service:lead", sub: "service:lead", grants: { "*": "all" } });
    expect(await verifier()(forged)).toMatchObject({
      grants: { "journal.read": "all", "journal.readSensitive": "all" },
    });
  });

  it("let only the gateway authenticate callers", async () => {
    const pair = await generateKeyPair();
    const verify = verifier({ trustedKeys: { "service:gateway": [pair.publicJwk] } });
    const forged = await forge(pair, { iss: "service:gateway", sub: "service:gateway" });
    expect(await verify(forged)).toMatchObject({ grants: { "auth.authenticate": "all" } });
  });
});

describe("the minter", () => {
  it("gives the same token until 15 s before it expires", async () => {
    let now = start;
    const mintAt = createMinter({
      issuer: "gateway",
      privateJwk: gateway.privateJwk,
      keyId: gateway.keyId,
      now: () => new Date(now),
    });
    const first = await mintAt(user, "account");
    now = start + 44_000;
    expect(await mintAt(user, "account")).toBe(first);
    now = start + 45_000;
    expect(await mintAt(user, "account")).not.toBe(first);
  });

  it("signs anew for another audience, tenant, actor, session or policy version", async () => {
    const mintAt = createMinter({ issuer: "gateway", privateJwk: gateway.privateJwk, keyId: gateway.keyId });
    const tokens = await Promise.all([
      mintAt(user, "account"),
      mintAt(user, "lead"),
      mintAt({ ...user, tenant: "tenant_other" }, "account"),
      mintAt({ ...user, actor: "user_wang" }, "account"),
      mintAt({ ...user, session: "session_1" }, "account"),
      mintAt({ ...user, policyVersion: 8 }, "account"),
    ]);
    expect(new Set(tokens).size).toBe(6);
  });

  it("refuses to speak for an actor that its issuer may not speak for", () => {
    const keys = { privateJwk: lead.privateJwk, keyId: lead.keyId };
    expect(() => createMinter({ issuer: "service:lead", ...keys })(user, "account")).toThrow("may not speak");
    expect(() => createMinter({ issuer: "gateway", ...keys })(reader, "account")).toThrow("may not speak");
  });
});

describe("the verifier refuses to start", () => {
  it("with a key that is not a public Ed25519 key", () => {
    const { kid: _, ...nameless } = gateway.publicJwk;
    expect(() => verifier({ trustedKeys: { gateway: [gateway.privateJwk] } })).toThrow("not a public Ed25519 key");
    expect(() => verifier({ trustedKeys: { gateway: [nameless] } })).toThrow("not a public Ed25519 key");
    expect(() => verifier({ trustedKeys: { gateway: [{ kty: "oct", k: "c2VjcmV0", kid: "a" }] } })).toThrow();
  });

  it("with an issuer that cannot be one", () => {
    expect(() => verifier({ trustedKeys: { somebody: [gateway.publicJwk] } })).toThrow("cannot issue");
  });
});
