import type { UserRule } from "../command.ts";

/** Activating an active user yields []. */
export const activateUser: UserRule<"ActivateUser"> = (_command, { active }) =>
  active ? [] : [{ type: "UserActivated" }];
