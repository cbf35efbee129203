import type { Session } from "@keynode/contracts/crm/identity/v1/session";
import type { SessionEnded, SessionOpened, SessionRefreshed } from "@keynode/contracts/crm/identity/v1/session_events";
import type { RevokeSessionRequest } from "@keynode/contracts/crm/identity/v1/session_service";
import type { Tagged } from "@keynode/decider/decider";

/** A session as stored: the resource and what only this service needs. */
export type SessionState = Session & {
  /** The user's epoch when it was opened: a later one ends it, whatever this record says. */
  epoch?: number | undefined;
  /** SHA-256 of the part that all of its refresh tokens share; who knows it once held one of them. */
  familyDigest?: string | undefined;
  /** SHA-256 of the part that only the latest refresh token has. */
  tokenDigest?: string | undefined;
  /** That of the one before. */
  usedDigest?: string | undefined;
  /** When the latest one took its place. */
  rotateTime?: Date | undefined;
  /** Refreshes since `rotationsSince`, to bound them. */
  rotations?: number | undefined;
  rotationsSince?: Date | undefined;
};

/** These go into the state only: codecs know no such fields, so none is in any recorded event. */
type Opening = {
  readonly epoch?: number | undefined;
  readonly familyDigest?: string | undefined;
  readonly tokenDigest?: string | undefined;
};
type Rotation = { readonly tokenDigest?: string | undefined; readonly network?: string | undefined };

/** Which of a session's refresh tokens was sent. */
export type Sent = "latest" | "used" | "older";

export type RefreshSession = {
  readonly digest: string;
  /** Of the token that takes its place. */
  readonly nextDigest: string;
  /** How long the session then goes on without another refresh. */
  readonly expireTime: Date;
  readonly network: string;
};

export type EndSession = { readonly reason: Session["endReason"] };

export type SessionCommand = Tagged<{
  OpenSession: { readonly session: Session } & Required<Opening>;
  RefreshSession: RefreshSession;
  RevokeSession: RevokeSessionRequest;
  EndSession: EndSession;
  /** Its time has come. */
  ExpireSession: object;
}>;

export type SessionEvent = Tagged<{
  SessionOpened: SessionOpened & Opening;
  SessionRefreshed: SessionRefreshed & Rotation;
  SessionEnded: SessionEnded;
}>;

/** All that a decision about a session may know besides its arguments. */
export type SessionContext = {
  readonly now: Date;
  readonly actor: string;
  /** For RefreshSession. */
  readonly sent: Sent;
};
