import type { MaskRules } from "@keynode/auth/mask-rules";
import type { DomainError } from "@keynode/decider/domain-error";
import type { Logger } from "@keynode/telemetry/logger";
import * as oidc from "openid-client";
import type { IdentityProviderState } from "../domain/identity-provider/identity-provider.ts";
import { claimAt, defaultGroupsClaim, type Vouched, vouchedBy } from "./claims.ts";
import { type Discovered, openDiscovery } from "./discovery.ts";
import { outboundFetch } from "./outbound-fetch.ts";
import { type ProviderReason, refusalOfProvider } from "./provider-refusal.ts";
import type { SignOnSettings } from "./settings.ts";
import { matchesTokenHash } from "./token-hash.ts";

/** A provider and whose it is. */
export type TenantProvider = { readonly tenant: string; readonly state: IdentityProviderState };

/** What binds the steps of one sign-in together. */
export type Proofs = { readonly state: string; readonly nonce: string; readonly codeVerifier: string };

/** Speaks OpenID Connect with tenants' providers. Errors of both: PROVIDER_UNAVAILABLE, PROVIDER_MISCONFIGURED. */
export type ProviderClient = {
  /** Where a browser signs in. */
  authorizationUrl(provider: TenantProvider, proofs: Proofs, signal: AbortSignal): Promise<string | DomainError>;
  /**
   * Whom the provider vouches for, by the query that it sent the browser back with. Errors: SIGN_ON_DENIED,
   * PROVIDER_ANSWER_INVALID.
   */
  vouched(provider: TenantProvider, query: string, proofs: Proofs, signal: AbortSignal): Promise<Vouched | DomainError>;
};

/** All that one step of a sign-in asks of a provider, together. */
const budgetMs = 7_000;

const defaultScopes: readonly string[] = ["email", "profile"];

export const openProviderClient = (
  { privateNetwork, redirectUri, sealing }: SignOnSettings,
  maskRulesOf: (tenant: string) => Promise<MaskRules>,
  now: () => Date,
  log: Logger,
): ProviderClient => {
  const execute = [oidc.enableNonRepudiationChecks, ...(privateNetwork ? [oidc.allowInsecureRequests] : [])];
  const discover = openDiscovery(now, (signal) => ({
    execute: privateNetwork ? [oidc.allowInsecureRequests] : [],
    [oidc.customFetch]: outboundFetch({ privateNetwork, signal }),
  }));

  /** Asks a provider for something; what goes wrong is a refusal that says whose fault it is, and a line of the log. */
  const asking = async <Answer>(
    { state: { id, issuer, clientId, sealedSecret }, tenant }: TenantProvider,
    signal: AbortSignal,
    ask: (config: oidc.Configuration) => Promise<Answer | DomainError>,
  ): Promise<Answer | DomainError> => {
    const refuse = (error: unknown, otherwise: ProviderReason): DomainError => {
      const refusal = refusalOfProvider(error, otherwise);
      // A library's error quotes what it looked at, claims among it: only its code and message are told.
      const { message, code } = error as Error & { code?: string };
      log.warn({ identityProviderId: id, reason: refusal.reason, code, cause: message }, "sign-on refused");
      return refusal;
    };

    let discovered: Discovered;
    try {
      discovered = await discover(issuer);
    } catch (error) {
      return refuse(error, "PROVIDER_MISCONFIGURED");
    }
    const authentication =
      sealedSecret === undefined ? oidc.None() : secretAuthentication(sealing.open(sealedSecret, tenant));
    const config = new oidc.Configuration(discovered.server, clientId, {}, authentication);
    config[oidc.customFetch] = outboundFetch({
      privateNetwork,
      signal: AbortSignal.any([signal, AbortSignal.timeout(budgetMs)]),
    });
    for (const extension of execute) extension(config);
    if (discovered.keys !== undefined) oidc.setJwksCache(config, discovered.keys);
    try {
      return await ask(config);
    } catch (error) {
      return refuse(error, "PROVIDER_ANSWER_INVALID");
    } finally {
      discovered.keys = oidc.getJwksCache(config) ?? discovered.keys;
    }
  };

  return {
    authorizationUrl: (provider, { state, nonce, codeVerifier }, signal) =>
      asking(provider, signal, async (config) => {
        const scopes = provider.state.scopes.length > 0 ? provider.state.scopes : defaultScopes;
        const url = oidc.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: [...new Set(["openid", ...scopes])].join(" "),
          state,
          nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: "S256",
        });
        return url.href;
      }),
    vouched: (provider, query, { state, nonce, codeVerifier }, signal) =>
      asking(provider, signal, async (config) => {
        const callback = new URL(redirectUri);
        callback.search = query;
        const tokens = await oidc.authorizationCodeGrant(config, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        const { id_token: idToken, access_token: accessToken } = tokens;
        if (claims === undefined || idToken === undefined) throw new oidc.ClientError("there is no ID token");
        if (!matchesTokenHash(idToken, claims["at_hash"], accessToken)) {
          throw new oidc.ClientError("the ID token is another access token's");
        }
        const { userinfo_endpoint: userinfo } = config.serverMetadata();
        const isWhole = claims["email"] !== undefined && groupsIn(claims, provider.state) !== undefined;
        const more = isWhole || userinfo === undefined ? {} : await oidc.fetchUserInfo(config, accessToken, claims.sub);
        return vouchedBy({ ...more, ...claims }, provider.state, await maskRulesOf(provider.tenant));
      }),
  };
};

const groupsIn = (claims: Readonly<Record<string, unknown>>, { groupsClaim }: IdentityProviderState): unknown =>
  claimAt(claims, groupsClaim || defaultGroupsClaim);

/** By what the provider takes; HTTP Basic is what one takes that does not say (OpenID Connect Discovery §3). */
const secretAuthentication =
  (secret: string): oidc.ClientAuth =>
  (server, client, body, headers) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const authenticate = taken.includes("client_secret_basic")
      ? oidc.ClientSecretBasic(secret)
      : oidc.ClientSecretPost(secret);
    authenticate(server, client, body, headers);
  };
