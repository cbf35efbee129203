import { hash } from "node:crypto";
import { sameSecret } from "@keynode/decider/same-secret";

/** The hash that goes with a signature's algorithm (OpenID Connect Core §3.1.3.6); Ed25519 hashes with SHA-512. */
const hashes: Readonly<Record<string, string>> = {
  RS256: "sha256",
  PS256: "sha256",
  ES256: "sha256",
  RS384: "sha384",
  PS384: "sha384",
  ES384: "sha384",
  RS512: "sha512",
  PS512: "sha512",
  ES512: "sha512",
  EdDSA: "sha512",
  Ed25519: "sha512",
};

/** Whether `at_hash` is the left half of the access token's hash; a token without the claim says nothing of it. */
export const matchesTokenHash = (idToken: string, atHash: unknown, accessToken: string): boolean => {
  if (atHash === undefined) return true;
  const algorithm = hashes[algorithmOf(idToken)];
  if (algorithm === undefined) return false;
  const digest = hash(algorithm, accessToken, "buffer");
  const expected = digest.subarray(0, digest.length / 2).toString("base64url");
  return typeof atHash === "string" && sameSecret(expected, atHash);
};

/** Of a token whose signature was verified, so that its header is known to be one. */
const algorithmOf = (idToken: string): string => {
  const [head = ""] = idToken.split(".");
  const { alg } = JSON.parse(Buffer.from(head, "base64url").toString()) as { alg?: unknown };
  return typeof alg === "string" ? alg : "";
};
