import type { Team } from "@keynode/contracts/crm/identity/v1/team";
import type {
  TeamCreated,
  TeamDeleted,
  TeamEdited,
  TeamReassigned,
  TeamRestored,
} from "@keynode/contracts/crm/identity/v1/team_events";
import type {
  CreateTeamRequest,
  DeleteTeamRequest,
  UndeleteTeamRequest,
  UpdateTeamRequest,
} from "@keynode/contracts/crm/identity/v1/team_service";
import type { Reassign } from "@keynode/decider/crud";
import type { Tagged } from "@keynode/decider/decider";

/** A team as stored: the resource and what only this service needs. */
export type TeamState = Team & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** `external:…`, unique within a tenant; absent on deleted teams. */
  matchKeys?: string[] | undefined;
};

export type TeamCommand = Tagged<{
  CreateTeam: CreateTeamRequest;
  UpdateTeam: UpdateTeamRequest;
  DeleteTeam: DeleteTeamRequest;
  UndeleteTeam: UndeleteTeamRequest;
  ReassignTeam: Reassign;
}>;

export type TeamEvent = Tagged<{
  TeamCreated: TeamCreated;
  TeamEdited: TeamEdited;
  TeamDeleted: TeamDeleted;
  TeamRestored: TeamRestored;
  TeamReassigned: TeamReassigned;
}>;

/** All that a decision about a team may know besides its arguments. */
export type TeamContext = {
  readonly now: Date;
  readonly id: string;
  /** The parent that the command names and all it is a part of, nearest first; empty when there is no such team. */
  readonly lineage: readonly string[];
};
