import type { Channel } from "@grpc/grpc-js";
import type { Mint } from "@keynode/auth/minter";
import type { Principal, Scope } from "@keynode/auth/principal";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import type { Principal as PrincipalMessage } from "@keynode/contracts/crm/identity/v1/principal";
import { grpcClient } from "@keynode/grpc/client";
import { RpcError } from "@keynode/grpc/rpc-error";
import type { Logger } from "@keynode/telemetry/logger";
import type { Authenticate } from "./authenticator.ts";

/** As whom the gateway asks. */
const GATEWAY: Principal = {
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
  readonly deadlineMs: number;
  readonly log: Logger;
};

/** Checks credentials with the identity service. */
export const identityAuthenticate = ({ channel, mint, deadlineMs, log }: IdentityOptions): Authenticate => {
  const client = grpcClient(AuthServiceService, {
    channel,
    token: () => mint(GATEWAY, "identity"),
    deadlineMs,
  });
  return async (credential) => {
    try {
      const holder = await client.authenticate({ credential });
      return { principal: principalOf(holder), ...(holder.expireTime && { expiresAt: holder.expireTime }) };
    } catch (error) {
      // INVALID_ARGUMENT: a credential that the contract's own rules refuse, for example by its length.
      if (error instanceof RpcError && REFUSING.has(error.code) && error.details.reason !== undefined) return "refused";
      log.warn({ err: error }, "credentials cannot be checked");
      return "unavailable";
    }
  };
};

const REFUSING: ReadonlySet<string> = new Set(["UNAUTHENTICATED", "INVALID_ARGUMENT"]);

const SCOPES: Readonly<Record<string, Scope>> = { OWN: "own", TEAM: "team", ALL: "all" };

const principalOf = ({
  tenant,
  actor,
  roles,
  teams,
  grants,
  policyVersion,
  sessionId,
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
});
