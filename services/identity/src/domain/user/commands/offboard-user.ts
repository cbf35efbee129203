import { reject } from "@keynode/decider/domain-error";
import { refuseSuperior } from "../../references.ts";
import type { UserRule } from "../command.ts";
import { refuseSelf } from "../refusals.ts";

/**
 * Lets a user go. The same successor again yields [], another one takes over what is left.
 * Errors: USER_IS_CALLER, ROLE_EXCEEDS_CALLER, SUCCESSOR_NOT_FOUND.
 */
export const offboardUser: UserRule<"OffboardUser"> = ({ successorId, teamId }, state, context) => {
  const { id, actor, now, references } = context;
  const refusal = refuseSelf(id, actor) ?? refuseSuperior(state, references);
  if (refusal !== undefined) return refusal;
  const { active, offboardTime } = state;
  if (!active && offboardTime !== undefined && state.successorId === successorId) return [];
  if (successorId === id || !references.activeUsers.has(successorId)) {
    const reason = "SUCCESSOR_NOT_FOUND";
    return reject(reason, { successorId }, [{ field: "successor_id", reason }]);
  }
  const left = { type: "UserOffboarded", successorId, teamId, offboardTime: now } as const;
  return active ? [left, { type: "UserDeactivated" }] : [left];
};
