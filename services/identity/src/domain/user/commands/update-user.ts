import { edited } from "@keynode/decider/crud";
import { withChanges } from "@keynode/decider/record";
import { refuseSuperior } from "../../references.ts";
import type { UserRule } from "../command.ts";
import { refuseReferences } from "../refusals.ts";

/**
 * Errors: ROLE_NOT_FOUND, ROLE_EXCEEDS_CALLER, TEAM_NOT_FOUND, MANAGER_NOT_FOUND, each for what the update adds;
 * ROLE_EXCEEDS_CALLER also for the address of somebody who may do what the caller may not, since links for a new password
 * go there, and for taking a role from them.
 */
export const updateUser: UserRule<"UpdateUser"> = ({ user, updateMask = [] }, state, context) => {
  if (user === undefined) return [];
  const { id, actor, references } = context;
  const after = withChanges(state, user, updateMask);
  const isLessened = state.roleIds.some((roleId) => !after.roleIds.includes(roleId));
  const isTaken = id !== actor && (after.email !== state.email || isLessened);
  return (
    refuseReferences(after, state, references) ??
    (isTaken ? refuseSuperior(state, references) : undefined) ??
    edited("User", state, user, updateMask, context)
  );
};
