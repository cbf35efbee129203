import type { UserRule } from "../command.ts";
import { refuseSuperior } from "../../references.ts";
import { refuseSelf } from "../refusals.ts";

/** Ends the user's sessions too. Deactivating again yields []. Errors: USER_IS_CALLER, ROLE_EXCEEDS_CALLER. */
export const deactivateUser: UserRule<"DeactivateUser"> = (_command, state, { id, actor, references }) => {
  if (!state.active) return refuseSelf(id, actor) ?? [];
  return refuseSelf(id, actor) ?? refuseSuperior(state, references) ?? [{ type: "UserDeactivated" }];
};
