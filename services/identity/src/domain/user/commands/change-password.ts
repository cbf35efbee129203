import { sameSecret } from "@keynode/decider/same-secret";
import type { UserRule } from "../command.ts";
import { passwordWrong } from "../refusals.ts";

/**
 * Ends the user's other sessions. Errors: PASSWORD_WRONG, also when the password was changed since the present one was
 * looked at.
 */
export const changePassword: UserRule<"ChangePassword"> = (
  { passwordHash, verifiedHash, sessionId },
  state,
  { now },
) =>
  sameSecret(state.passwordHash, verifiedHash)
    ? [{ type: "UserPasswordSet", setTime: now, passwordHash, keptSessionId: sessionId }]
    : passwordWrong();
