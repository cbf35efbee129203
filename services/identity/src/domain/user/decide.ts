import { restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import type { UserCommand } from "./command.ts";
import { activateUser } from "./commands/activate-user.ts";
import { changePassword } from "./commands/change-password.ts";
import { changeTeams } from "./commands/change-teams.ts";
import { createUser } from "./commands/create-user.ts";
import { deactivateUser } from "./commands/deactivate-user.ts";
import { deleteUser } from "./commands/delete-user.ts";
import { endUserSessions } from "./commands/end-user-sessions.ts";
import { inviteUser } from "./commands/invite-user.ts";
import { linkIdentity } from "./commands/link-identity.ts";
import { provisionUser } from "./commands/provision-user.ts";
import { offboardUser } from "./commands/offboard-user.ts";
import { recordSignIn } from "./commands/record-sign-in.ts";
import { requestPasswordReset } from "./commands/request-password-reset.ts";
import { resetPassword } from "./commands/reset-password.ts";
import { setUserPassword } from "./commands/set-user-password.ts";
import { unlockUser } from "./commands/unlock-user.ts";
import { updateUser } from "./commands/update-user.ts";
import type { UserContext } from "./context.ts";
import type { UserEvent } from "./events.ts";
import type { UserState } from "./state.ts";

export const decide = decideBy<UserCommand, UserState, UserEvent, UserContext>({
  CreateUser: createUser,
  UpdateUser: onRecord(updateUser),
  DeleteUser: onRecord(deleteUser),
  UndeleteUser: onRecord((_command, state) => restored("User", state)),
  DeactivateUser: onRecord(deactivateUser),
  OffboardUser: onRecord(offboardUser),
  ActivateUser: onRecord(activateUser),
  SetUserPassword: onRecord(setUserPassword),
  ChangePassword: onRecord(changePassword),
  InviteUser: onRecord(inviteUser),
  RequestPasswordReset: onRecord(requestPasswordReset),
  ResetPassword: onRecord(resetPassword),
  UnlockUser: onRecord(unlockUser),
  RecordSignIn: onRecord(recordSignIn),
  EndUserSessions: onRecord(endUserSessions),
  LinkIdentity: onRecord(linkIdentity),
  ProvisionUser: onRecord(provisionUser),
  ChangeTeams: onRecord(changeTeams),
});
