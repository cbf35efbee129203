import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign, verify } from "node:crypto";
import type { Signature } from "./chain.ts";

/** An Ed25519 key as JWK (RFC 8037). */
export type SealKey = JsonWebKey & { readonly kid: string };

export type Signer = {
  sign(root: string): Signature;
  /** `unknown-key` when this installation does not know the key that it names. */
  check(root: string, signature: Signature): "valid" | "invalid" | "unknown-key";
};

/** Signs roots with the service's own key, and checks those that it or one of its former keys has signed. */
export const openSigner = (own: SealKey, retired: readonly SealKey[]): Signer => {
  const privateKey = lazily(() => createPrivateKey({ key: own, format: "jwk" }));
  const publicKeys = lazily(
    () =>
      new Map<string, KeyObject>(
        [own, ...retired].map(({ kty, crv, x, kid }) => [
          kid,
          createPublicKey({ key: { kty, crv, x } as JsonWebKey, format: "jwk" }),
        ]),
      ),
  );
  return {
    sign: (root) => ({ keyId: own.kid, value: sign(null, said(root), privateKey()).toString("base64url") }),
    check: (root, { keyId, value }) => {
      const key = publicKeys().get(keyId);
      if (key === undefined) return "unknown-key";
      return verify(null, said(root), key, Buffer.from(value, "base64url")) ? "valid" : "invalid";
    },
  };
};

/** Putting the service together costs no cryptography, and needs no real keys. */
const lazily = <Made>(make: () => Made): (() => Made) => {
  let made: { readonly value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** Named, so that no other signature of the key's passes for a seal. */
const said = (root: string): Buffer => Buffer.from(`keynode-audit-seal-1\n${root}`);
