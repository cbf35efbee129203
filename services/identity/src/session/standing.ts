import { isOpen } from "../domain/session/decide.ts";
import type { SessionState } from "../domain/session/session.ts";
import type { UserState } from "../domain/user/state.ts";
import type { Security } from "../security-settings.ts";
import { expiryOf } from "./session-policy.ts";

/**
 * Whether a session still lets its user in. Its own record tells what ended it by itself; the user's epoch tells what
 * ended all of the user's sessions in one write, before their records say so; and what the tenant has decided since it
 * was opened counts at once.
 */
export const isStanding = (session: SessionState, user: UserState, security: Security, now: Date): boolean =>
  user.active &&
  user.deleteTime === undefined &&
  isOpen(session, now) &&
  (session.id === user.keptSessionId || session.epoch === epochOf(user)) &&
  security.providers.includes(session.provider) &&
  (limitOf(session, security)?.getTime() ?? 0) > now.getTime();

/** When a session ends unless it is used: as it was told when it was last used, or earlier if the tenant says so now. */
export const limitOf = (session: SessionState, { sessions }: Security): Date | undefined => {
  const { expireTime, createTime, rotateTime = createTime } = session;
  if (expireTime === undefined || createTime === undefined || rotateTime === undefined) return undefined;
  return new Date(Math.min(expireTime.getTime(), expiryOf(sessions, createTime, rotateTime).getTime()));
};

/** How often all of a user's sessions were ended. */
export const epochOf = ({ sessionEpoch = 0 }: Pick<UserState, "sessionEpoch">): number => sessionEpoch;
