import { mayChange } from "@keynode/api/input";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import type { TeamServiceService, UpdateTeamRequest } from "@keynode/contracts/crm/identity/v1/team_service";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import type { Handlers } from "@keynode/grpc/implement";
import { movingInTurns, type Turns } from "@keynode/runtime/turns";
import { identityErrors } from "../domain/errors.ts";
import { holderOf } from "../match-keys.ts";
import type { Stores } from "../stores.ts";
import { teamMatchKeys, type TeamStore } from "../team.ts";
import type { Contexts } from "./contexts.ts";
import { teamListing } from "./team-list.ts";

/** One entry per rpc of TeamService. */
export const teamApi = (
  { teams }: Pick<Stores, "teams">,
  { team }: Contexts,
  turns: Turns,
): Handlers<typeof TeamServiceService> => {
  const rpcs = standardRpcs(teams, {
    name: "Team",
    field: "team",
    rows: "teams",
    typeName: "crm.identity.v1.Team",
    fromPartial: Team.fromPartial,
    listing: teamListing,
    errors: withChassisErrors(identityErrors),
    context: team,
    explain: (refusal, given, call) => (refusal.reason === "TEAM_EXISTS" ? teamExists(teams, given, call) : refusal),
  });
  return { ...rpcs, updateTeam: movingInTurns(turns, mayMove, rpcs.updateTeam) };
};

/** Whether the update can put the team under another one. */
const mayMove = ({ team, updateMask = [] }: UpdateTeamRequest): boolean =>
  team !== undefined && team.parentTeamId !== "" && mayChange(updateMask, "parent_team_id");

/** TEAM_EXISTS naming the other team, to callers who may see it; others learn only that there is one. */
const teamExists = async (teams: TeamStore, team: Team, { tenant, visibility }: Call): Promise<DomainError> => {
  const holder = await holderOf(teams, tenant, teamMatchKeys(team));
  const seen = holder !== undefined && (await teams.get(tenant, holder._id, visibility)) !== undefined;
  return reject("TEAM_EXISTS", seen ? { teamId: holder._id } : {});
};
