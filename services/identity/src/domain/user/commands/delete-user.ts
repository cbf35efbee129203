import { deleted } from "@keynode/decider/crud";
import { refuseSuperior } from "../../references.ts";
import type { UserRule } from "../command.ts";
import { refuseSelf } from "../refusals.ts";

/** Ends the user's sessions too. Errors: USER_IS_CALLER, ROLE_EXCEEDS_CALLER. */
export const deleteUser: UserRule<"DeleteUser"> = (_command, state, context) =>
  refuseSelf(context.id, context.actor) ??
  (state.deleteTime === undefined ? refuseSuperior(state, context.references) : undefined) ??
  deleted("User", state, context);
