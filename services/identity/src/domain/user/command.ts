import type {
  ActivateUserRequest,
  CreateUserRequest,
  DeactivateUserRequest,
  DeleteUserRequest,
  OffboardUserRequest,
  UndeleteUserRequest,
  UnlockUserRequest,
  UpdateUserRequest,
} from "@keynode/contracts/crm/identity/v1/user_service";
import type { RecordRule, Tagged } from "@keynode/decider/decider";
import type { UserContext } from "./context.ts";
import type { UserEvent } from "./events.ts";
import type { Identity, Link, Provision, UserState } from "./state.ts";

/** A new password, hashed before it comes here. */
export type SetUserPassword = {
  readonly passwordHash: string;
  /** True when the installation's environment sets it. */
  readonly installed: boolean;
};

export type ChangePassword = {
  readonly passwordHash: string;
  /** The hash that the present password was found to match. */
  readonly verifiedHash: string;
  /** The session that the user asks from, which goes on. */
  readonly sessionId: string;
};

/** The user signed in: a session was opened. */
export type RecordSignIn = {
  readonly sessionId: string;
  readonly signInTime: Date;
  readonly expireTime: Date | undefined;
};

/** Ends all sessions but one. */
export type EndUserSessions = { readonly keptSessionId: string };

export type UserCommand = Tagged<{
  CreateUser: CreateUserRequest;
  UpdateUser: UpdateUserRequest;
  DeleteUser: DeleteUserRequest;
  UndeleteUser: UndeleteUserRequest;
  DeactivateUser: DeactivateUserRequest;
  OffboardUser: OffboardUserRequest;
  ActivateUser: ActivateUserRequest;
  SetUserPassword: SetUserPassword;
  ChangePassword: ChangePassword;
  InviteUser: { readonly link: Link };
  RequestPasswordReset: { readonly link: Link };
  /** By a link, whose token was found to match. */
  ResetPassword: { readonly linkId: string; readonly passwordHash: string };
  UnlockUser: UnlockUserRequest;
  RecordSignIn: RecordSignIn;
  EndUserSessions: EndUserSessions;
  /** Somebody whom an identity provider vouched for is this user. */
  LinkIdentity: { readonly identity: Identity };
  /** What a directory gives now, in place of what it gave before. */
  ProvisionUser: Provision;
  /** SCIM's groups, which are teams, got or lost the user. */
  ChangeTeams: { readonly joined: readonly string[]; readonly left: readonly string[] };
}>;

/** The rule of one command on an existing user. */
export type UserRule<Type extends UserCommand["type"]> = RecordRule<
  Extract<UserCommand, { type: Type }>,
  UserState,
  UserEvent,
  UserContext
>;
