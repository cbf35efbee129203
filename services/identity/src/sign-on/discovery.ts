import { boundedCache } from "@keynode/auth/bounded-cache";
import * as oidc from "openid-client";

/** What a provider says of itself, and the keys it signs with as far as they were asked for. */
export type Discovered = { readonly server: oidc.ServerMetadata; keys: oidc.ExportedJWKSCache | undefined };

/** How long a discovery document is believed, and those of how many issuers are. */
const believedMs = 10 * 60_000;
const maxIssuers = 1_000;
/** How long a provider may take to say what it is. */
const timeoutMs = 4_000;

/** Finds what a provider says of itself; asks once however many wait, and again after ten minutes. */
export type Discover = (issuer: string) => Promise<Discovered>;

export const openDiscovery = (
  now: () => Date,
  optionsUntil: (signal: AbortSignal) => oidc.DiscoveryRequestOptions,
): Discover => {
  const known = boundedCache<Discovered & { readonly untilMs: number }>(maxIssuers);
  const asking = new Map<string, Promise<Discovered>>();

  const ask = async (issuer: string): Promise<Discovered> => {
    const options = optionsUntil(AbortSignal.timeout(timeoutMs));
    const server = (await oidc.discovery(new URL(issuer), "any", undefined, oidc.None(), options)).serverMetadata();
    // The library lets some issuers speak for many; here one is who it says, to the letter.
    if (server.issuer !== issuer) throw new oidc.ClientError("the discovery document is another issuer's");
    const discovered = { server, keys: undefined, untilMs: now().getTime() + believedMs };
    known.set(issuer, discovered);
    return discovered;
  };

  return (issuer) => {
    const recent = known.get(issuer);
    if (recent !== undefined && now().getTime() < recent.untilMs) return Promise.resolve(recent);
    const pending = asking.get(issuer) ?? ask(issuer).finally(() => asking.delete(issuer));
    asking.set(issuer, pending);
    return pending;
  };
};
