import { rotationWindowMs } from "./decide.ts";
import type { SessionEvent, SessionState } from "./session.ts";

const hourMs = 3_600_000;

/** Total and never throws: a recorded event is a fact. */
export const evolve = (before: SessionState | undefined, event: SessionEvent): SessionState => {
  const state = before as SessionState;
  switch (event.type) {
    case "SessionOpened": {
      const { session, epoch, familyDigest, tokenDigest } = event;
      return { ...(session as SessionState), epoch, familyDigest, tokenDigest };
    }
    case "SessionRefreshed":
      return { ...state, ...counted(state, event.refreshTime), ...rotated(state, event) };
    case "SessionEnded":
      return {
        ...state,
        active: false,
        endTime: event.endTime,
        endReason: event.endReason,
        familyDigest: undefined,
        tokenDigest: undefined,
        usedDigest: undefined,
      };
  }
};

const rotated = (
  { tokenDigest, network }: SessionState,
  event: Extract<SessionEvent, { type: "SessionRefreshed" }>,
): Partial<SessionState> => ({
  tokenDigest: event.tokenDigest,
  usedDigest: tokenDigest,
  rotateTime: event.refreshTime,
  lastSeenTime: toTheHour(event.refreshTime),
  expireTime: event.expireTime,
  network: event.network || network,
});

const counted = ({ rotations = 0, rotationsSince }: SessionState, at: Date | undefined): Partial<SessionState> => {
  const goesOn = at && rotationsSince && at.getTime() - rotationsSince.getTime() < rotationWindowMs;
  return goesOn ? { rotations: rotations + 1 } : { rotations: 1, rotationsSince: at };
};

/** When somebody was there is kept no finer than this. */
export const toTheHour = <Moment extends Date | undefined>(at: Moment): Moment =>
  (at && new Date(Math.floor(at.getTime() / hourMs) * hourMs)) as Moment;
