import {
  createLocalJWKSet,
  type CryptoKey,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";

/** The JWS `typ` of an access token (RFC 9068 §2.1): no other kind of JWT by the same keys passes for one. */
const tokenType = "at+jwt";
/** Ed25519 (RFC 8037); nothing else is accepted, whatever a header asks for. */
const algorithm = "EdDSA";
/** Whom access tokens are for: the API behind the gateway. */
const audience = "keynode-api";
/** Who signs access tokens, unless the environment says otherwise. */
export const defaultIssuer = "keynode";
/** The one client of this installation that RFC 9068 wants named. */
const clientId = "keynode";
/** A revoked session is refused long before; this bounds what a token does that nobody asks about. */
export const accessTokenLifetimeS = 600;
/** Clocks of two hosts may differ by this much. */
export const clockSkewS = 5;
/** An access token of ours stays far below this; longer ones are not looked at. */
const maxTokenLength = 4_096;

/** What an access token says: who signed in, and where it is known whether that still holds. */
export type AccessClaims = { readonly tenant: string; readonly userId: string; readonly sessionId: string };

/** A private Ed25519 key, and the id by which its public half is found. */
export type SigningKey = { readonly keyId: string; readonly privateKey: CryptoKey };

export type AccessToken = { readonly text: string; readonly expireTime: Date };

/** Signs an access token. It names no rights: those are looked up, so that a change of them needs no new token. */
export const signAccessToken = async (
  { tenant, userId, sessionId }: AccessClaims,
  { keyId, privateKey }: SigningKey,
  { issuer, now }: { readonly issuer: string; readonly now: Date },
): Promise<AccessToken> => {
  const issuedS = Math.floor(now.getTime() / 1_000);
  const expiresS = issuedS + accessTokenLifetimeS;
  const text = await new SignJWT({ tenant, sid: sessionId, client_id: clientId })
    .setProtectedHeader({ alg: algorithm, typ: tokenType, kid: keyId })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(userId)
    .setIssuedAt(issuedS)
    .setExpirationTime(expiresS)
    .setJti(crypto.randomUUID())
    .sign(privateKey);
  return { text, expireTime: new Date(expiresS * 1_000) };
};

/** Public keys, as RFC 7517 has them. */
export type PublicKeys = JSONWebKeySet;

/** The public keys as they are known now; `renew` asks for them again, and answers what is known then. */
export type KeySource = {
  readonly current: () => Promise<PublicKeys | undefined>;
  readonly renew: () => Promise<PublicKeys | undefined>;
};

export type VerifiedAccess = AccessClaims & { readonly expireTime: Date };

/** Verifies an access token; `unavailable` when no key is known to verify any with. */
export type VerifyAccessToken = (token: string) => Promise<VerifiedAccess | "refused" | "unavailable">;

/**
 * Checks type, algorithm, a published key, signature, issuer, audience and lifetime. A key that is not known yet is asked
 * for once.
 */
export const createAccessTokenVerifier = (options: {
  readonly issuer: string;
  readonly keys: KeySource;
  readonly now?: () => Date;
}): VerifyAccessToken => {
  const { issuer, keys, now = () => new Date() } = options;
  const resolvers = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>();

  /** Keeps the imported keys for as long as their set is known. */
  const resolverOf = (known: JSONWebKeySet): ReturnType<typeof createLocalJWKSet> => {
    const resolver = resolvers.get(known) ?? createLocalJWKSet(known);
    resolvers.set(known, resolver);
    return resolver;
  };

  const verifyWith = async (known: JSONWebKeySet, token: string): Promise<VerifiedAccess | undefined> => {
    const { payload } = await jwtVerify(token, resolverOf(known), {
      algorithms: [algorithm],
      typ: tokenType,
      issuer,
      audience,
      requiredClaims: ["sub", "iat", "exp"],
      clockTolerance: clockSkewS,
      // Also bounds how long a token can live, whatever it says.
      maxTokenAge: accessTokenLifetimeS,
      currentDate: now(),
    });
    return claimsOf(payload);
  };

  return async (token) => {
    if (token.length > maxTokenLength) return "refused";
    const known = await keys.current();
    if (known === undefined) return "unavailable";
    try {
      return (await verifyWith(known, token)) ?? "refused";
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) return refusedFor(error);
    }
    const renewed = await keys.renew();
    if (renewed === undefined) return "unavailable";
    try {
      return (await verifyWith(renewed, token)) ?? "refused";
    } catch (error) {
      return refusedFor(error);
    }
  };
};

/** What jose throws is a token that is none; anything else is a fault. */
const refusedFor = (error: unknown): "refused" => {
  if (error instanceof errors.JOSEError) return "refused";
  throw error;
};

const claimsOf = ({ sub: userId, tenant, sid: sessionId, exp }: JWTPayload): VerifiedAccess | undefined => {
  if (typeof userId !== "string" || typeof tenant !== "string" || typeof sessionId !== "string") return undefined;
  if (exp === undefined || !/^user_./.test(userId) || !/^session_./.test(sessionId) || tenant === "") return undefined;
  return { userId, tenant, sessionId, expireTime: new Date(exp * 1_000) };
};
