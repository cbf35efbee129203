import type { UserRule } from "../command.ts";

/** Ends all of the user's sessions but the one named, in one write. */
export const endUserSessions: UserRule<"EndUserSessions"> = ({ keptSessionId }, _state, { now, actor }) => [
  { type: "UserSessionsEnded", endTime: now, keptSessionId, endedBy: actor },
];
