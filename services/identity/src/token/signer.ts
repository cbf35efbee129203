import type { ContextFor } from "@keynode/aggregate/store";
import { type AccessClaims, type AccessToken, signAccessToken } from "@keynode/auth/access-token";
import { generateKeyPair } from "@keynode/auth/key-pair";
import type { JsonWebKeySet } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError } from "@keynode/decider/domain-error";
import { type CryptoKey, importJWK } from "jose";
import {
  type KeyRingContext,
  type KeyRingState,
  type KeyTimes,
  signingKeyOf,
  type TurnKeyRing,
} from "../domain/key-ring/key-ring.ts";
import { keyRingId, type KeyRingStore, platform } from "../key-ring.ts";
import type { ServerSecret } from "./server-secret.ts";

/** Signs access tokens by the ring's current key. */
export type TokenSigner = {
  /** Makes the first key where there is none. Throws when the environment's secret does not open the one that signs. */
  prepare(): Promise<void>;
  sign(claims: AccessClaims): Promise<AccessToken>;
  publicKeys(): Promise<JsonWebKeySet>;
};

/** A ring that was read so long ago is read again; keys are published long before they sign. */
const believedMs = 5_000;
const deadlineMs = 20_000;
const algorithm = "EdDSA";

export const openTokenSigner = (parts: {
  readonly keyRings: KeyRingStore;
  readonly context: ContextFor<KeyRingState, KeyRingContext, TurnKeyRing>;
  readonly secret: ServerSecret;
  readonly issuer: string;
  readonly now: () => Date;
}): TokenSigner => {
  const { keyRings, context, secret, issuer, now } = parts;
  const opened = new Map<string, Promise<CryptoKey>>();
  let known: { readonly ring: Promise<KeyRingState>; readonly untilMs: number } | undefined;

  const read = async (): Promise<KeyRingState> => {
    const found = await keyRings.get(platform, keyRingId, { kind: "all" });
    if (found === undefined) throw new Error("there are no signing keys");
    return found.state;
  };

  const ring = (): Promise<KeyRingState> => {
    const nowMs = now().getTime();
    if (known !== undefined && nowMs < known.untilMs) return known.ring;
    const reading = read();
    known = { ring: reading, untilMs: nowMs + believedMs };
    reading.catch(() => {
      known = undefined;
    });
    return reading;
  };

  const privateKeyOf = ({ sealedKeys }: KeyRingState, keyId: string): Promise<CryptoKey> => {
    const already = opened.get(keyId);
    if (already !== undefined) return already;
    const opening = unsealed(secret, keyId, sealedKeys?.[keyId]);
    opened.set(keyId, opening);
    opening.catch(() => opened.delete(keyId));
    return opening;
  };

  const sign: TokenSigner["sign"] = async (claims) => {
    const state = await ring();
    const at = now();
    const key = signingKeyOf(state.keys, at);
    if (key === undefined) throw new Error("no key signs yet");
    const { keyId } = key;
    return await signAccessToken(claims, { keyId, privateKey: await privateKeyOf(state, keyId) }, { issuer, now: at });
  };

  return {
    sign,
    prepare: async () => {
      const scope = {
        tenant: platform,
        actor: "service:identity",
        visibility: { kind: "all" },
        deadline: new Date(now().getTime() + deadlineMs),
      } as const;
      const outcome = await keyRings.execute(keyRingId, { type: "TurnKeyRing" }, scope, context, "any");
      if (isDomainError(outcome)) throw new Error(`there can be no signing keys: ${outcome.reason}`);
      const { state } = outcome;
      const key = signingKeyOf(state.keys, now());
      if (key !== undefined) await privateKeyOf(state, key.keyId);
    },
    publicKeys: async () => ({
      keys: (await ring()).keys.map(({ keyId: kid, publicKey: x }) => ({
        kty: "OKP",
        crv: "Ed25519",
        x,
        kid,
        alg: algorithm,
        use: "sig",
      })),
    }),
  };
};

/** A new key pair with every attempt; the ring takes it only when it needs one. */
export const keyRingContext =
  (secret: ServerSecret, times: KeyTimes): ContextFor<KeyRingState, KeyRingContext, TurnKeyRing> =>
  async ({ now }) => {
    const { keyId, publicJwk, privateJwk } = await generateKeyPair();
    const { x: publicKey = "" } = publicJwk;
    return {
      now,
      times,
      newKey: { keyId, publicKey, sealedKey: secret.seal(JSON.stringify(privateJwk), aboutKey(keyId)) },
    };
  };

const unsealed = async (secret: ServerSecret, keyId: string, sealed: string | undefined): Promise<CryptoKey> => {
  if (sealed === undefined) throw new Error(`the private half of the signing key ${keyId} is not there`);
  return (await importJWK(JSON.parse(secret.open(sealed, aboutKey(keyId))), algorithm)) as CryptoKey;
};

const aboutKey = (keyId: string): string => `signing key ${keyId}`;
