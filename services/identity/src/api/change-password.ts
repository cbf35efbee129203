import type { ChangePasswordRequest, ChangePasswordResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import { accountOf } from "../credential/attempts.ts";
import { hashPassword, isPassword } from "../credential/password.ts";
import { refuseWeakPassword } from "../domain/user/password-weakness.ts";
import type { AuthParts } from "./auth.ts";
import { secretScope } from "./secret-scope.ts";

/** Guesses at the present password count as failed sign-ins do: a session left open lets nobody try them all. */
export const changePassword =
  ({ stores: { users }, contexts, attempts }: AuthParts): Handler<ChangePasswordRequest, ChangePasswordResponse> =>
  async ({ currentPassword, newPassword }, call) => {
    const { tenant, actor, principal } = call;
    if (!actor.startsWith("user_")) return reject("NOT_A_USER");
    const scope = secretScope(call, []);
    if (isDomainError(scope)) return scope;
    const found = await users.get(tenant, actor, { kind: "all" });
    if (found === undefined) return reject("NOT_FOUND", { id: actor });
    const { email, passwordHash: verifiedHash } = found.state;
    const passed = await attempts.make(tenant, accountOf(tenant, email), () =>
      isPassword(currentPassword, verifiedHash),
    );
    if (isDomainError(passed)) return passed;
    if (!passed || verifiedHash === undefined) {
      return reject("PASSWORD_WRONG", {}, [{ field: "current_password", reason: "PASSWORD_WRONG" }]);
    }
    const weak = refuseWeakPassword(newPassword, found.state, "new_password");
    if (weak !== undefined) return weak;
    const passwordHash = await hashPassword(newPassword);
    const outcome = await users.execute(
      actor,
      { type: "ChangePassword", passwordHash, verifiedHash, sessionId: principal.session ?? "" },
      { ...scope, visibility: { kind: "all" } },
      contexts.user,
    );
    return isDomainError(outcome) ? outcome : {};
  };
