import { isOpen } from "../domain/session/decide.ts";
import type { SessionState } from "../domain/session/session.ts";
import type { UserState } from "../domain/user/state.ts";

/**
 * Whether a session still lets its user in. Its own record tells what ended it by itself; the user's epoch tells what
 * ended all of the user's sessions in one write, before their records say so.
 */
export const isStanding = (session: SessionState, user: UserState, now: Date): boolean =>
  user.active &&
  user.deleteTime === undefined &&
  isOpen(session, now) &&
  (session.id === user.keptSessionId || session.epoch === epochOf(user));

/** How often all of a user's sessions were ended. */
export const epochOf = ({ sessionEpoch = 0 }: Pick<UserState, "sessionEpoch">): number => sessionEpoch;
