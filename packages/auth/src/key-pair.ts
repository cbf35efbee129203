import { calculateJwkThumbprint, exportJWK, generateKeyPair as generate, type JWK } from "jose";

/** An Ed25519 pair. `keyId` is the public key's RFC 7638 thumbprint and stands in both JWKs as `kid`. */
export type KeyPair = { readonly privateJwk: JWK; readonly publicJwk: JWK; readonly keyId: string };

export const generateKeyPair = async (): Promise<KeyPair> => {
  const { privateKey, publicKey } = await generate("EdDSA", { crv: "Ed25519", extractable: true });
  const [privateJwk, publicJwk] = await Promise.all([exportJWK(privateKey), exportJWK(publicKey)]);
  const keyId = await calculateJwkThumbprint(publicJwk);
  const named = { kid: keyId, alg: "EdDSA", use: "sig" };
  return { privateJwk: { ...privateJwk, ...named }, publicJwk: { ...publicJwk, ...named }, keyId };
};
