import { command, shown } from "@keynode/api/command";
import { normaliseEmail } from "@keynode/api/contact-point";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import type { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import type { Handlers } from "@keynode/grpc/implement";
import { mayCompare } from "@keynode/grpc/masking/sight";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import { hashPassword } from "../credential/password.ts";
import { identityErrors } from "../domain/errors.ts";
import { refuseWeakPassword } from "../domain/user/password-weakness.ts";
import { inviteUser } from "../link/invite-user.ts";
import type { LinkParts } from "../link/link-parts.ts";
import { holderOf } from "../match-keys.ts";
import { userMatchKeys, type UserStore } from "../user.ts";
import { getOffboarding } from "./get-offboarding.ts";
import { secretScope } from "./secret-scope.ts";
import { userListing } from "./user-list.ts";

/** One entry per rpc of UserService. */
export const userApi = (
  parts: LinkParts,
  tools: Pick<ServiceTools, "peers" | "log">,
): Handlers<typeof UserServiceService> => {
  const {
    stores: { users },
    contexts: { user },
    attempts,
    securityOf,
    maySend,
  } = parts;
  const invite = inviteUser(parts);
  const unlock = command(users, "UnlockUser", user);
  const standard = standardRpcs(users, {
    name: "User",
    field: "user",
    rows: "users",
    typeName: "crm.identity.v1.User",
    fromPartial: User.fromPartial,
    listing: userListing,
    errors: withChassisErrors(identityErrors),
    context: user,
    normalise: (given, call) => inSight(given, call) ?? { ...given, email: normaliseEmail(given.email) },
    explain: (refusal, given, call) => (refusal.reason === "USER_EXISTS" ? userExists(users, given, call) : refusal),
  });
  return {
    ...standard,
    inviteUser: async (request, call) => {
      if (!maySend) return reject("MAIL_UNAVAILABLE");
      const made = await standard.createUser(request, call);
      return isDomainError(made) ? made : await invite(made.id, call, { etag: "", isFirst: true });
    },
    inviteUserAgain: ({ id, etag }, call) => invite(id, call, { etag, isFirst: false }),
    unlockUser: async (request, call) => {
      const unlocked = await unlock(request, call);
      if (!isDomainError(unlocked)) await attempts.unlock(call.tenant, unlocked.email);
      return unlocked;
    },
    setUserPassword: async ({ id, etag, password }, call) => {
      const scope = secretScope(call, [id, etag], etag);
      if (isDomainError(scope)) return scope;
      const found = await users.get(call.tenant, id, call.visibility);
      if (found === undefined) return reject("NOT_FOUND", { id });
      const weak = refuseWeakPassword(password, found.state, "password", (await securityOf(call.tenant)).passwords);
      if (weak !== undefined) return weak;
      const passwordHash = await hashPassword(password);
      const outcome = await users.execute(id, { type: "SetUserPassword", passwordHash, installed: false }, scope, user);
      if (isDomainError(outcome)) return outcome;
      await attempts.unlock(call.tenant, found.state.email);
      return shown(outcome);
    },
    deactivateUser: command(users, "DeactivateUser", user),
    offboardUser: command(users, "OffboardUser", user),
    getOffboarding: getOffboarding(users, tools),
    activateUser: command(users, "ActivateUser", user),
  };
};

/** USER_EXISTS naming the other user, to callers who may see it and its address; others learn only that there is one. */
const userExists = async (users: UserStore, user: User, call: Call): Promise<DomainError> => {
  if (!mayCompare(call, "users")) return reject("USER_EXISTS");
  const { tenant, visibility } = call;
  const holder = await holderOf(users, tenant, userMatchKeys(user));
  const seen = holder !== undefined && (await users.get(tenant, holder._id, visibility)) !== undefined;
  return reject("USER_EXISTS", seen ? { userId: holder._id } : {});
};

/** A new user must be one that its creator may see. Errors: PERMISSION_DENIED. */
const inSight = ({ id, teamIds: [team] }: User, { visibility }: Call): DomainError | undefined => {
  const isSeen =
    id !== "" ||
    visibility.kind === "all" ||
    (visibility.kind === "team" && team !== undefined && visibility.teamIds.includes(team));
  return isSeen ? undefined : reject("PERMISSION_DENIED");
};
