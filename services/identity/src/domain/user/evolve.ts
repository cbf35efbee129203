import { withChanges } from "@keynode/decider/record";
import type { UserEvent } from "./events.ts";
import type { Identity, UserState } from "./state.ts";

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
        link: undefined,
        ...endedSessions(state, event.keptSessionId),
      };
    case "UserSignedIn":
      return { ...state, lastSignInTime: event.signInTime };
    case "UserSessionsEnded":
      return { ...state, ...endedSessions(state, event.keptSessionId) };
    case "UserInvited":
      return { ...state, link: linkOf(event.invitationId, event) };
    case "UserPasswordResetRequested":
      return { ...state, link: linkOf(event.resetId, event) };
    case "UserUnlocked":
      return state;
    case "UserDeactivated":
      return { ...state, active: false, link: undefined, ...endedSessions(state) };
    case "UserActivated":
      return { ...state, active: true, successorId: "", offboardTime: undefined };
    case "UserOffboarded":
      return { ...state, successorId: event.successorId, offboardTime: event.offboardTime };
    case "UserIdentityLinked":
      return { ...state, identities: [...(state.identities ?? []), identityOf(event)] };
    case "UserProvisioned": {
      const { source, roleIds, teamIds } = event;
      const others = (state.provisions ?? []).filter((each) => each.source !== source);
      const isAny = roleIds.length > 0 || teamIds.length > 0;
      return { ...state, provisions: isAny ? [...others, { source, roleIds, teamIds }] : others };
    }
    case "UserDeleted":
      return { ...state, deleteTime: event.deleteTime, link: undefined, ...endedSessions(state) };
    case "UserRestored":
      return { ...state, deleteTime: undefined };
  }
};

const linkOf = (
  id: string,
  {
    linkDigest: digest,
    expireTime,
  }: { readonly linkDigest?: string | undefined; readonly expireTime?: Date | undefined },
): UserState["link"] => (digest === undefined || expireTime === undefined ? undefined : { id, digest, expireTime });

/** One write that no session outlives but the kept one. */
const endedSessions = ({ sessionEpoch = 0 }: UserState, keptSessionId = ""): Partial<UserState> => ({
  sessionEpoch: sessionEpoch + 1,
  keptSessionId: keptSessionId || undefined,
});

const identityOf = ({
  identityProviderId,
  issuer,
  subject,
}: Extract<UserEvent, { type: "UserIdentityLinked" }>): Identity => ({ identityProviderId, issuer, subject });
