import { withChanges } from "@keynode/decider/record";
import type { TeamEvent, TeamState } from "./team.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (before: TeamState | undefined, event: TeamEvent): TeamState => {
  const state = before as TeamState;
  switch (event.type) {
    case "TeamCreated":
      return event.team as TeamState;
    case "TeamEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "TeamDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "TeamRestored":
      return { ...state, deleteTime: undefined };
    case "TeamReassigned":
      return { ...state, ownerId: event.ownerId };
  }
};
