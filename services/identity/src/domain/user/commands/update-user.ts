import { edited } from "@keynode/decider/crud";
import { withChanges } from "@keynode/decider/record";
import type { UserRule } from "../command.ts";
import { refuseReferences } from "../refusals.ts";

/** Errors: ROLE_NOT_FOUND, ROLE_EXCEEDS_CALLER, TEAM_NOT_FOUND, MANAGER_NOT_FOUND, each for what the update adds. */
export const updateUser: UserRule<"UpdateUser"> = ({ user, updateMask = [] }, state, context) =>
  user === undefined
    ? []
    : (refuseReferences(withChanges(state, user, updateMask), state, context.references) ??
      edited("User", state, user, updateMask, context));
