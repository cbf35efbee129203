import type { UserRule } from "../command.ts";
import { refuseSelf } from "../refusals.ts";

/** Ends the user's sessions too. Deactivating again yields []. Errors: USER_IS_CALLER. */
export const deactivateUser: UserRule<"DeactivateUser"> = (_command, { active }, { id, actor }) =>
  refuseSelf(id, actor) ?? (active ? [{ type: "UserDeactivated" }] : []);
