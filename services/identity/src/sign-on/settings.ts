import type { Sealing } from "../credential/sealing.ts";
import type { IdentityConfig } from "../config.ts";
import type { IssuerRules } from "./issuer.ts";

/** What signing in with other providers needs of the installation. */
export type SignOnSettings = IssuerRules & {
  /** Where providers send browsers back to. */
  readonly redirectUri: string;
  /** Keeps client secrets. */
  readonly sealing: Sealing;
};

/** The gateway's path that providers send browsers back to; an operator registers it with each of them. */
const callbackPath = "/v1/auth/oidc/callback";

/** Undefined where the environment names no public address: nobody signs in with a provider there. */
export const signOnSettings = (
  { PUBLIC_URL: publicUrl, SIGN_ON_PRIVATE_NETWORK: privateNetwork }: IdentityConfig,
  sealing: Sealing,
): SignOnSettings | undefined =>
  publicUrl === undefined ? undefined : { redirectUri: `${publicUrl}${callbackPath}`, sealing, privateNetwork };
