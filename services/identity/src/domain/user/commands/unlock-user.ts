import type { UserRule } from "../command.ts";

/** Whether the user is locked out is kept elsewhere; that somebody let them try again is a fact. */
export const unlockUser: UserRule<"UnlockUser"> = (_command, _state, { now, actor }) => [
  { type: "UserUnlocked", unlockTime: now, unlockedBy: actor },
];
