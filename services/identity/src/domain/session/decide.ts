import type { Session } from "@keynode/contracts/crm/identity/v1/session";
import { decideBy, onRecord, type RecordRule } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { sameSecret } from "@keynode/decider/same-secret";
import type { RefreshSession, SessionCommand, SessionContext, SessionEvent, SessionState } from "./session.ts";

/** How long after its use a refresh token still gets the answer that its first use got. */
const repeatMs = 10_000;
/** Refreshes of one session within the window: a client needs one each ten minutes. */
const rotationLimit = 60;
export const rotationWindowMs = 10 * 60_000;

type Rule<Type extends SessionCommand["type"]> = RecordRule<
  Extract<SessionCommand, { type: Type }>,
  SessionState,
  SessionEvent,
  SessionContext
>;

/**
 * The token after a used one follows from it, so a repeat within ten seconds needs no event to be answered alike. Later,
 * or with a token older still, the token was copied: the session ends, whoever asks.
 * Errors: REFRESH_FAILED, TOO_MANY_ATTEMPTS.
 */
const refresh: Rule<"RefreshSession"> = (command, state, { now, actor, sent }) => {
  if (!isOpen(state, now)) return reject("REFRESH_FAILED");
  if (sent === "latest") return tooMany(state, now) ?? [refreshed(command, now)];
  const repeats = sent === "used" && now.getTime() - (state.rotateTime?.getTime() ?? 0) <= repeatMs;
  if (!repeats) return [ended("TOKEN_REUSED", actor, now)];
  return sameSecret(state.tokenDigest, command.nextDigest) ? [] : reject("REFRESH_FAILED");
};

const end =
  (reasonOf: (command: SessionCommand) => Session["endReason"]): Rule<SessionCommand["type"]> =>
  (command, { active }, { now, actor }) =>
    active ? [ended(reasonOf(command), actor, now)] : [];

/** Ending an ended session yields []. */
export const decide = decideBy<SessionCommand, SessionState, SessionEvent, SessionContext>({
  OpenSession: ({ session, epoch, familyDigest, tokenDigest }) => [
    { type: "SessionOpened", session, epoch, familyDigest, tokenDigest },
  ],
  RefreshSession: onRecord(refresh),
  RevokeSession: onRecord(end(() => "REVOKED")),
  EndSession: onRecord(end((command) => (command.type === "EndSession" ? command.reason : "REVOKED"))),
  ExpireSession: onRecord((_command, state, { now, actor }) =>
    state.active && hasExpired(state, now) ? [ended("EXPIRED", actor, now)] : [],
  ),
});

const refreshed = ({ nextDigest, expireTime, network }: RefreshSession, now: Date): SessionEvent => ({
  type: "SessionRefreshed",
  refreshTime: now,
  expireTime,
  network,
  tokenDigest: nextDigest,
});

const ended = (endReason: Session["endReason"], endedBy: string, endTime: Date): SessionEvent => ({
  type: "SessionEnded",
  endTime,
  endReason,
  endedBy,
});

const tooMany = ({ rotations = 0, rotationsSince }: SessionState, now: Date): DomainError | undefined => {
  const leftMs = (rotationsSince?.getTime() ?? 0) + rotationWindowMs - now.getTime();
  if (leftMs <= 0 || rotations < rotationLimit) return undefined;
  return reject("TOO_MANY_ATTEMPTS", { retryAfterMs: String(leftMs) });
};

/** Whether a session goes on by itself; its user may have been barred, which their own record tells. */
export const isOpen = (state: SessionState, now: Date): boolean => state.active && !hasExpired(state, now);

const hasExpired = ({ expireTime }: SessionState, now: Date): boolean => expireTime === undefined || expireTime <= now;
