import { snapshotOf } from "@keynode/api/snapshot";
import type { Team } from "@keynode/contracts/crm/identity/v1/team";
import * as teamEvents from "@keynode/contracts/crm/identity/v1/team_events";
import type { User } from "@keynode/contracts/crm/identity/v1/user";
import * as userEvents from "@keynode/contracts/crm/identity/v1/user_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "../service-definition.ts";

/** A team's place in the tree. A deleted one keeps it: what is below must not fall out of the sight of those above. */
export type TeamRow = { parentTeamId: string; isDeleted: boolean };

/** A user as far as others may be given records; neither name nor address is copied. */
export type MemberRow = { teamIds: string[]; active: boolean };

export type PeopleCopy = Copy<{ teams: TeamRow; members: MemberRow }>;

/** Events that move a team within its tenant's tree. */
export const teamMoves = ["TeamCreated", "TeamEdited", "TeamDeleted", "TeamRestored"] as const;

/** Every service's copy of identity's teams and users: what the engine of access decides by. */
export const people = defineProjection<{ teams: TeamRow; members: MemberRow }>({
  name: "people",
  from: {
    identity: [
      ...teamMoves,
      "UserCreated",
      "UserEdited",
      "UserActivated",
      "UserDeactivated",
      "UserOffboarded",
      "UserProvisioned",
      "UserIdentityLinked",
      "UserDeleted",
      "UserRestored",
    ],
  },
  tables: { teams: { indexes: [{ name: "tenant", key: { tenant: 1 } }] }, members: {} },
  apply: async (event, { teams, members }) => {
    const { kind, recordId: id, tenant, version } = event;
    const place = { id, tenant, version };
    if (kind === "team") {
      const team = snapshotOf<Team>(event, teamEvents);
      if (team === undefined) return;
      await teams.keep(place, { parentTeamId: team.parentTeamId, isDeleted: team.deleteTime !== undefined });
    } else {
      const user = snapshotOf<User>(event, userEvents);
      if (user === undefined) return;
      await members.keep(place, { teamIds: user.teamIds, active: user.active && user.deleteTime === undefined });
    }
  },
});
