import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/team_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { teamListing } from "./api/team-list.ts";
import { decide } from "./domain/team/decide.ts";
import { evolve } from "./domain/team/evolve.ts";
import type { TeamCommand, TeamContext, TeamEvent, TeamState } from "./domain/team/team.ts";
import { matchKeysIndex, matchKeysOf } from "./match-keys.ts";

export const teamAggregate = defineAggregate<TeamState, TeamCommand, TeamEvent, TeamContext>({
  name: "team",
  collection: "teams",
  decider: { decide, evolve },
  events: codecs,
  derive: (team) => ({ nameKey: sortKey(team.name), matchKeys: teamMatchKeys(team) }),
  onDeleted: ["DeleteTeam", "UndeleteTeam"],
  indexes: [...listIndexes(teamListing), matchKeysIndex],
  uniqueReasons: { matchKeys: "TEAM_EXISTS" },
});

export const teamMatchKeys = (team: Pick<TeamState, "externalKey" | "deleteTime">): string[] | undefined =>
  matchKeysOf({ external: team.externalKey }, team);

export type TeamStore = Store<TeamState, TeamCommand, TeamEvent, TeamContext>;
