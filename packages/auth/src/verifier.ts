import { type CryptoKey, decodeJwt, decodeProtectedHeader, errors, importJWK, type JWK, jwtVerify } from "jose";
import { boundedCache } from "./bounded-cache.ts";
import { type Issuer, principalOf, tokenAlgorithm, tokenLifetimeS, tokenType } from "./internal-token.ts";
import { isServiceActor, type Principal } from "./principal.ts";

const cachedTokens = 10_000;
/** Clocks of two hosts may differ by this much. */
const clockSkewS = 5;
/** An internal token of a thousand grants stays below this; longer ones are not looked at. */
const maxTokenBytes = 64 * 1024;

/** Why a token was not accepted: for the log; callers learn only UNAUTHENTICATED. */
export type AuthFailure = {
  readonly kind: "AuthFailure";
  readonly reason: "malformed" | "unknown_key" | "bad_signature" | "expired" | "bad_claims" | "policy_outdated";
};

export const isAuthFailure = (value: Principal | AuthFailure): value is AuthFailure => "kind" in value;

export type VerifierOptions = {
  /** The service that verifies, as minters name it. */
  readonly audience: string;
  /** Public Ed25519 keys with their `kid`; several per issuer while keys rotate. */
  readonly trustedKeys: Readonly<Record<string, readonly JWK[]>>;
  readonly now?: () => Date;
  /** Oldest policy version of the tenant that still counts; asked at every call, so it answers from memory. */
  readonly minimumPolicyVersion?: (tenant: string) => number | undefined;
};

export type Verify = (token: string) => Promise<Principal | AuthFailure>;

/**
 * Checks internal tokens: type, algorithm, a trusted key of the issuer it names, signature, audience, lifetime, and
 * that the issuer may speak for the actor. A token is verified once and then known until it expires.
 * Throws when a trusted key is not a public Ed25519 key with a `kid`.
 */
export const createVerifier = (options: VerifierOptions): Verify => {
  const { audience, trustedKeys, now = () => new Date(), minimumPolicyVersion = () => undefined } = options;
  const keys = importKeys(trustedKeys);
  const verified = boundedCache<{ readonly principal: Principal; readonly expiresS: number }>(cachedTokens);
  return async (token) => {
    const nowMs = now().getTime();
    const known = verified.get(token);
    if (known) {
      if (nowMs < known.expiresS * 1000) return current(known.principal);
      verified.delete(token);
      return failure("expired");
    }
    const outcome = await verify(token, new Date(nowMs));
    if ("kind" in outcome) return outcome;
    verified.set(token, outcome);
    return current(outcome.principal);
  };

  function current(principal: Principal): Principal | AuthFailure {
    if (isServiceActor(principal.actor)) return principal;
    const minimum = minimumPolicyVersion(principal.tenant) ?? 0;
    return principal.policyVersion < minimum ? failure("policy_outdated") : principal;
  }

  async function verify(
    token: string,
    currentDate: Date,
  ): Promise<{ principal: Principal; expiresS: number } | AuthFailure> {
    const claimed = namedKey(token);
    if (claimed === undefined) return failure("malformed");
    const key = keys.get(keyName(claimed.issuer, claimed.keyId));
    if (key === undefined) return failure("unknown_key");
    try {
      const { payload } = await jwtVerify(token, await key, {
        algorithms: [tokenAlgorithm],
        typ: tokenType,
        issuer: claimed.issuer,
        audience,
        requiredClaims: ["sub", "iat", "exp"],
        clockTolerance: clockSkewS,
        // Also bounds how long a trusted issuer can make a token live.
        maxTokenAge: tokenLifetimeS,
        currentDate,
      });
      const principal = principalOf(payload);
      if (principal === undefined || payload.exp === undefined) return failure("bad_claims");
      return { principal, expiresS: payload.exp + clockSkewS };
    } catch (error) {
      return failure(reasonOf(error));
    }
  }
};

/** Issuer and key id as an unverified token names them; only choose the key to verify with. */
const namedKey = (token: string): { issuer: string; keyId: string } | undefined => {
  if (token.length > maxTokenBytes) return undefined;
  try {
    const { kid } = decodeProtectedHeader(token);
    const { iss } = decodeJwt(token);
    return kid === undefined || iss === undefined ? undefined : { issuer: iss, keyId: kid };
  } catch {
    return undefined;
  }
};

const keyName = (issuer: string, keyId: string): string => JSON.stringify([issuer, keyId]);

const importKeys = (trusted: VerifierOptions["trustedKeys"]): ReadonlyMap<string, Promise<CryptoKey>> =>
  new Map(
    Object.entries(trusted).flatMap(([issuer, jwks]) => {
      if (!isIssuer(issuer)) throw new Error(`"${issuer}" cannot issue internal tokens`);
      return jwks.map((jwk) => {
        const { kty, crv, kid, x, d } = jwk;
        if (kty !== "OKP" || crv !== "Ed25519" || kid === undefined || x === undefined || d !== undefined) {
          throw new Error(`a trusted key of ${issuer} is not a public Ed25519 key with a kid`);
        }
        return [keyName(issuer, kid), importJWK({ kty, crv, x }, tokenAlgorithm) as Promise<CryptoKey>] as const;
      });
    }),
  );

const isIssuer = (name: string): name is Issuer => name === "gateway" || isServiceActor(name);

const failure = (reason: AuthFailure["reason"]): AuthFailure => ({ kind: "AuthFailure", reason });

const reasonOf = (error: unknown): AuthFailure["reason"] => {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "bad_signature";
  if (error instanceof errors.JWTClaimValidationFailed) return "bad_claims";
  if (error instanceof errors.JOSEError) return "malformed";
  throw error;
};
