import type { Channel } from "@grpc/grpc-js";
import { createAccessTokenVerifier } from "@keynode/auth/access-token";
import { maskRulesIn } from "@keynode/auth/mask-rules";
import { networksOf } from "@keynode/auth/networks";
import type { Mint } from "@keynode/auth/minter";
import type { Principal, Scope } from "@keynode/auth/principal";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import type { Principal as PrincipalMessage } from "@keynode/contracts/crm/identity/v1/principal";
import { grpcClient } from "@keynode/grpc/client";
import { RpcError } from "@keynode/grpc/rpc-error";
import type { Logger } from "@keynode/telemetry/logger";
import type { Authenticate, Holder } from "./authenticator.ts";
import { createKeySet } from "./key-set.ts";

/** As whom the gateway asks. */
export const GATEWAY: Principal = {
  tenant: "*",
  actor: "service:gateway",
  roles: [],
  teams: [],
  grants: {},
  policyVersion: 0,
};

export type IdentityOptions = {
  readonly channel: Channel;
  /** Signs as `service:gateway`. */
  readonly mint: Mint;
  /** Who access tokens must be from. */
  readonly issuer: string;
  readonly deadlineMs: number;
  readonly log: Logger;
};

/** API keys begin so; everything else is taken for an access token. */
const API_KEY = /^kn_/;

/**
 * Finds out who holds a credential. An access token is verified here, by the keys that the identity service publishes;
 * what it does not say, whether its session still holds and what its user may do, that service is asked, as it is about
 * an API key.
 */
export const identityAuthenticate = ({ channel, mint, issuer, deadlineMs, log }: IdentityOptions): Authenticate => {
  const client = grpcClient(AuthServiceService, {
    channel,
    token: () => mint(GATEWAY, "identity"),
    deadlineMs,
  });
  // Public keys are told to anybody, and to nobody across tenants.
  const anonymous = grpcClient(AuthServiceService, { channel, deadlineMs });
  const verify = createAccessTokenVerifier({
    issuer,
    keys: createKeySet({
      fetch: async () => {
        const { keys } = await anonymous.getJsonWebKeySet({});
        return { keys };
      },
      onFailure: (error) => log.warn({ err: error }, "the keys of access tokens cannot be asked for"),
    }),
  });

  const holderOfKey = async (credential: string): Promise<Holder> =>
    holderOf(await client.authenticate({ credential }));

  const holderOfToken = async (credential: string): Promise<Holder | "refused" | "unavailable"> => {
    const verified = await verify(credential);
    if (typeof verified === "string") return verified;
    const { tenant, userId, sessionId, expireTime } = verified;
    return holderOf(await client.resolveSession({ tenant, userId, sessionId }), expireTime);
  };

  return async (credential) => {
    try {
      return API_KEY.test(credential) ? await holderOfKey(credential) : await holderOfToken(credential);
    } catch (error) {
      // INVALID_ARGUMENT: a credential that the contract's own rules refuse, for example by its length.
      if (error instanceof RpcError && REFUSING.has(error.code) && error.details.reason !== undefined) return "refused";
      log.warn({ err: error }, "credentials cannot be checked");
      return "unavailable";
    }
  };
};

const REFUSING: ReadonlySet<string> = new Set(["UNAUTHENTICATED", "INVALID_ARGUMENT"]);

/** A token may end before what it names does. */
const holderOf = (principal: PrincipalMessage, tokenEnd?: Date): Holder => {
  const ends = [principal.expireTime, tokenEnd].flatMap((end) => (end ? [end.getTime()] : []));
  const { allowedNetworks } = principal;
  return {
    principal: principalOf(principal),
    ...(ends.length > 0 && { expiresAt: new Date(Math.min(...ends)) }),
    ...(allowedNetworks.length > 0 && { networks: networksOf(allowedNetworks) }),
  };
};

const SCOPES: Readonly<Record<string, Scope>> = { OWN: "own", TEAM: "team", ALL: "all" };

const principalOf = ({
  tenant,
  actor,
  roles,
  teams,
  grants,
  policyVersion,
  sessionId,
  maskRules,
}: PrincipalMessage): Principal => ({
  tenant,
  actor,
  roles,
  teams,
  // A scope that this build does not know grants nothing.
  grants: Object.fromEntries(
    grants.flatMap(({ permission, scope }) => {
      const known = SCOPES[scope];
      return known === undefined ? [] : [[permission, known]];
    }),
  ),
  policyVersion,
  ...(sessionId !== "" && { session: sessionId }),
  ...(maskRules.length > 0 && { maskRules: maskRulesIn(maskRules) }),
});
