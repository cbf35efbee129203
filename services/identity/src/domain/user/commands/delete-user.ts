import { deleted } from "@keynode/decider/crud";
import type { UserRule } from "../command.ts";
import { refuseSelf } from "../refusals.ts";

/** Ends the user's sessions too. Errors: USER_IS_CALLER. */
export const deleteUser: UserRule<"DeleteUser"> = (_command, state, context) =>
  refuseSelf(context.id, context.actor) ?? deleted("User", state, context);
