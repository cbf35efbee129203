import { withChanges } from "@keynode/decider/record";
import type { RoleEvent, RoleState } from "./role.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (before: RoleState | undefined, event: RoleEvent): RoleState => {
  const state = before as RoleState;
  switch (event.type) {
    case "RoleCreated":
      return event.role as RoleState;
    case "RoleEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "RoleDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "RoleRestored":
      return { ...state, deleteTime: undefined };
    case "RoleReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
  }
};
