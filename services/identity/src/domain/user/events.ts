import type {
  UserActivated,
  UserCreated,
  UserDeactivated,
  UserDeleted,
  UserEdited,
  UserPasswordSet,
  UserRestored,
  UserSignedIn,
  UserSignedOut,
} from "@keynode/contracts/crm/identity/v1/user_events";
import type { Tagged } from "@keynode/decider/decider";

/** These go into the state only: codecs know no such fields, so neither is in any recorded event. */
type PrivatePassword = {
  readonly passwordHash?: string | undefined;
  readonly installedHash?: string | undefined;
  /** The session that goes on; all others end. */
  readonly keptSessionId?: string | undefined;
};
type PrivateToken = { readonly tokenDigest?: string | undefined };

export type UserEvent = Tagged<{
  UserCreated: UserCreated;
  UserPasswordSet: UserPasswordSet & PrivatePassword;
  UserSignedIn: UserSignedIn & PrivateToken;
  UserSignedOut: UserSignedOut;
  UserDeactivated: UserDeactivated;
  UserActivated: UserActivated;
  UserEdited: UserEdited;
  UserDeleted: UserDeleted;
  UserRestored: UserRestored;
}>;
