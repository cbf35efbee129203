import type { UserRule } from "../command.ts";

/** A sign-in before the last one that is known yields []. */
export const recordSignIn: UserRule<"RecordSignIn"> = ({ sessionId, signInTime, expireTime }, { lastSignInTime }) =>
  lastSignInTime !== undefined && lastSignInTime >= signInTime
    ? []
    : [{ type: "UserSignedIn", sessionId, signInTime, expireTime }];
