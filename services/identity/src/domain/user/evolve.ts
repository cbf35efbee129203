import { appendBounded, withChanges } from "@keynode/decider/record";
import type { UserEvent } from "./events.ts";
import type { Session, UserState } from "./state.ts";

/** Sessions that a user may have at once; a further one ends the oldest. */
const sessionLimit = 50;

/** Total and never throws: a recorded event is a fact. */
export const evolve = (before: UserState | undefined, event: UserEvent): UserState => {
  const state = before as UserState;
  switch (event.type) {
    case "UserCreated":
      return event.user as UserState;
    case "UserEdited": {
      const after = withChanges(state, event.changes ?? {}, event.changedFields ?? []);
      return { ...after, teamId: after.teamIds[0] ?? "" };
    }
    case "UserPasswordSet":
      return {
        ...state,
        passwordHash: event.passwordHash,
        installedHash: event.installedHash ?? state.installedHash,
        sessions: state.sessions?.filter(({ id }) => id === event.keptSessionId),
      };
    case "UserSignedIn":
      return { ...state, lastSignInTime: event.signInTime, sessions: withSession(state.sessions, event) };
    case "UserSignedOut":
      return { ...state, sessions: state.sessions?.filter(({ id }) => id !== event.sessionId) };
    case "UserDeactivated":
      return { ...state, active: false, sessions: undefined };
    case "UserActivated":
      return { ...state, active: true };
    case "UserDeleted":
      return { ...state, deleteTime: event.deleteTime, sessions: undefined };
    case "UserRestored":
      return { ...state, deleteTime: undefined };
  }
};

/** Adds a session and forgets those that have ended. */
const withSession = (
  sessions: readonly Session[] = [],
  { sessionId: id, signInTime, expireTime, tokenDigest }: Extract<UserEvent, { type: "UserSignedIn" }>,
): readonly Session[] => {
  const open = sessions.filter((session) => signInTime === undefined || session.expireTime > signInTime);
  if (expireTime === undefined || tokenDigest === undefined) return open;
  return appendBounded(open, { id, tokenDigest, expireTime }, sessionLimit);
};
