import type {
  UserActivated,
  UserCreated,
  UserDeactivated,
  UserDeleted,
  UserEdited,
  UserIdentityLinked,
  UserOffboarded,
  UserPasswordSet,
  UserProvisioned,
  UserRestored,
  UserSignedIn,
  UserInvited,
  UserPasswordResetRequested,
  UserSessionsEnded,
  UserUnlocked,
} from "@keynode/contracts/crm/identity/v1/user_events";
import type { Tagged } from "@keynode/decider/decider";

/** These go into the state only: codecs know no such fields, so none is in any recorded event. */
type PrivatePassword = {
  readonly passwordHash?: string | undefined;
  readonly installedHash?: string | undefined;
};

type PrivateLink = { readonly linkDigest?: string | undefined };

export type UserEvent = Tagged<{
  UserCreated: UserCreated;
  UserPasswordSet: UserPasswordSet & PrivatePassword;
  UserSignedIn: UserSignedIn;
  UserSessionsEnded: UserSessionsEnded;
  UserInvited: UserInvited & PrivateLink;
  UserPasswordResetRequested: UserPasswordResetRequested & PrivateLink;
  UserUnlocked: UserUnlocked;
  UserDeactivated: UserDeactivated;
  UserOffboarded: UserOffboarded;
  UserActivated: UserActivated;
  UserEdited: UserEdited;
  UserIdentityLinked: UserIdentityLinked;
  UserProvisioned: UserProvisioned;
  UserDeleted: UserDeleted;
  UserRestored: UserRestored;
}>;
