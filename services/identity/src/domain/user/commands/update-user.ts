import { edited } from "@keynode/decider/crud";
import { isSame, withChanges } from "@keynode/decider/record";
import { refuseSuperior } from "../../references.ts";
import type { UserRule } from "../command.ts";
import { refuseReferences } from "../refusals.ts";

/**
 * Errors: ROLE_NOT_FOUND, ROLE_EXCEEDS_CALLER, TEAM_NOT_FOUND, MANAGER_NOT_FOUND, each for what the update adds;
 * ROLE_EXCEEDS_CALLER also for the address or the roles of somebody who may do what the caller may not: links for a new
 * password go to the address.
 */
export const updateUser: UserRule<"UpdateUser"> = ({ user, updateMask = [] }, state, context) => {
  if (user === undefined) return [];
  const { id, actor, references } = context;
  const after = withChanges(state, user, updateMask);
  const isTaken = id !== actor && (after.email !== state.email || !isSame(after.roleIds, state.roleIds));
  return (
    refuseReferences(after, state, references) ??
    (isTaken ? refuseSuperior(state, references) : undefined) ??
    edited("User", state, user, updateMask, context)
  );
};
