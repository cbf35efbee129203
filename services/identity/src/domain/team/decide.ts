import { deleted, edited, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";
import type { TeamCommand, TeamContext, TeamEvent, TeamState } from "./team.ts";

/** Errors: PARENT_NOT_FOUND; TEAM_CYCLE when the parent is the team itself or a part of it. */
export const decide = decideBy<TeamCommand, TeamState, TeamEvent, TeamContext>({
  CreateTeam: ({ team }, _state, context) =>
    team === undefined
      ? []
      : (refuseParent(team.parentTeamId, context) ?? [{ type: "TeamCreated", team: { ...team, teamId: context.id } }]),
  UpdateTeam: onRecord(({ team, updateMask = [] }, state, context) => {
    if (team === undefined) return [];
    const { parentTeamId } = withChanges(state, team, updateMask);
    const refusal = parentTeamId === state.parentTeamId ? undefined : refuseParent(parentTeamId, context);
    return refusal ?? edited("Team", state, team, updateMask, context);
  }),
  DeleteTeam: onRecord((_command, state, context) => deleted("Team", state, context)),
  UndeleteTeam: onRecord((_command, state) => restored("Team", state)),
  // A team is of itself, whoever owns it.
  ReassignTeam: onRecord(({ ownerId }, state) => reassigned("Team", state, { ownerId, teamId: "" })),
});

const refuseParent = (parentTeamId: string, { id, lineage }: TeamContext): DomainError | undefined => {
  if (parentTeamId === "") return undefined;
  if (parentTeamId === id || lineage.includes(id)) return reject("TEAM_CYCLE", { parentTeamId });
  if (lineage.length > 0) return undefined;
  const reason = "PARENT_NOT_FOUND";
  return reject(reason, { parentTeamId }, [{ field: "team.parent_team_id", reason }]);
};
