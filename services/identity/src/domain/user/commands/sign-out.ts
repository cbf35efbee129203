import type { UserRule } from "../command.ts";

/** Signing out of a session that has ended yields []. */
export const signOut: UserRule<"SignOut"> = ({ sessionId }, { sessions = [] }) =>
  sessions.some(({ id }) => id === sessionId) ? [{ type: "UserSignedOut", sessionId }] : [];
