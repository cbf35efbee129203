import { type CryptoKey, importJWK, type JWK, SignJWT } from "jose";
import { boundedCache } from "./bounded-cache.ts";
import { claimsOf, type Issuer, tokenAlgorithm, tokenLifetimeS, tokenType } from "./internal-token.ts";
import { isServiceActor, type Principal } from "./principal.ts";

/** A token is minted anew this long before it expires, so that the call it goes with still verifies. */
const renewBeforeS = 15;
const cachedTokens = 10_000;

export type MinterOptions = {
  readonly issuer: Issuer;
  /** Private Ed25519 key as made by `generateKeyPair`. */
  readonly privateJwk: JWK;
  readonly keyId: string;
  readonly now?: () => Date;
};

/**
 * Signs the principal's token for one service; repeats get the same token while it is fresh. Throws when the issuer
 * may not speak for the actor: no verifier would accept it.
 */
export type Mint = (principal: Principal, audience: string) => Promise<string>;

export const createMinter = ({ issuer, privateJwk, keyId, now = () => new Date() }: MinterOptions): Mint => {
  const key = importJWK(privateJwk, tokenAlgorithm) as Promise<CryptoKey>;
  const minted = boundedCache<{ readonly token: Promise<string>; readonly freshUntilS: number }>(cachedTokens);
  return (principal, audience) => {
    const speaker = isServiceActor(principal.actor) ? principal.actor : "gateway";
    if (speaker !== issuer) throw new Error(`${issuer} may not speak for ${principal.actor}`);
    const nowS = Math.floor(now().getTime() / 1000);
    const { tenant, actor, session, policyVersion } = principal;
    const cacheKey = JSON.stringify([tenant, actor, session, policyVersion, audience]);
    const cached = minted.get(cacheKey);
    if (cached && nowS < cached.freshUntilS) return cached.token;
    const token = sign(principal, audience, nowS);
    minted.set(cacheKey, { token, freshUntilS: nowS + tokenLifetimeS - renewBeforeS });
    token.catch(() => minted.delete(cacheKey));
    return token;
  };

  async function sign(principal: Principal, audience: string, nowS: number): Promise<string> {
    return new SignJWT(claimsOf(principal))
      .setProtectedHeader({ alg: tokenAlgorithm, typ: tokenType, kid: keyId })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + tokenLifetimeS)
      .sign(await key);
  }
};
