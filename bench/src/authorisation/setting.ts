import type { Principal } from "@keynode/auth/principal";
import type { KeyPair } from "@keynode/auth/key-pair";

/** `shipped` checks who calls and what of; `off` lets everybody do everything. */
export type Mode = "shipped" | "off";

/** What a server is told to start. */
export type Start = { readonly mode: Mode; readonly mongoUrl: string; readonly publicJwk: KeyPair["publicJwk"] };

export const DATABASE = "bench_authorisation";
/** The service that the tokens are for. */
export const AUDIENCE = "lead";

const TENANT = "tenant_bench";
const TEAMS = 300;
/** Each team has so many below it; the first one is at the top. */
const BELOW = 4;

export const teamId = (number: number): string => `team_${String(number).padStart(26, "0")}`;

/** The manager's own team, and one below it. */
export const SEEN_TEAMS = [4, 17] as const;

/** The copy that a service keeps of the tenant's teams. */
export const teamRows = () =>
  Array.from({ length: TEAMS }, (_team, number) => ({
    _id: teamId(number),
    tenant: TENANT,
    version: 1,
    parentTeamId: number === 0 ? "" : teamId(Math.floor((number - 1) / BELOW)),
    isDeleted: false,
  }));

/** May do everything with every record. */
export const admin: Principal = {
  tenant: TENANT,
  actor: "user_admin",
  roles: ["admin"],
  teams: [teamId(0)],
  grants: { "*": "all" },
  policyVersion: 1,
};

/** May do with the records of a team and those below it what sales people do. */
export const manager: Principal = {
  tenant: TENANT,
  actor: "user_manager",
  roles: ["manager"],
  teams: [teamId(SEEN_TEAMS[0])],
  grants: { "leads.*": "team", "leads.readSensitive": "team", "accounts.*": "team", "opportunities.*": "team" },
  policyVersion: 1,
};
