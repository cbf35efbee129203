import { createSealing, type Sealing } from "../credential/sealing.ts";
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

/** Undefined where the environment names no public address or no key: nobody signs in with a provider there. */
export const signOnSettings = ({
  PUBLIC_URL: publicUrl,
  SECRETS_KEYS: keys,
  SIGN_ON_PRIVATE_NETWORK: privateNetwork,
}: IdentityConfig): SignOnSettings | undefined =>
  publicUrl === undefined || keys === undefined
    ? undefined
    : { redirectUri: `${publicUrl}${callbackPath}`, sealing: createSealing(keys), privateNetwork };
