import type { ChangePasswordRequest, ChangePasswordResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import { hashPassword, isPassword } from "../credential/password.ts";
import { passwordWrong } from "../domain/user/refusals.ts";
import { refuseWeakPassword } from "../domain/user/password-weakness.ts";
import type { AuthParts } from "./auth.ts";
import { secretScope } from "./secret-scope.ts";

/**
 * Guesses at the present password count as failed sign-ins do: a session left open lets nobody try them all. A keyed
 * repeat that finds the new password in place has nothing left to do.
 */
export const changePassword =
  ({
    stores: { users },
    contexts,
    attempts,
    securityOf,
  }: AuthParts): Handler<ChangePasswordRequest, ChangePasswordResponse> =>
  async ({ currentPassword, newPassword }, call) => {
    const { tenant, actor, principal, idempotencyKey, clientAddress: address } = call;
    if (!actor.startsWith("user_")) return reject("NOT_A_USER");
    const found = await users.get(tenant, actor, everything);
    if (found === undefined) return reject("NOT_FOUND", { id: actor });
    const { email, passwordHash: verifiedHash } = found.state;
    const weak = refuseWeakPassword(newPassword, found.state, "new_password", (await securityOf(tenant)).passwords);
    if (weak !== undefined) return weak;
    const matched = await attempts.make({ tenant, email, address }, async () => {
      if (verifiedHash === undefined) return undefined;
      if (await isPassword(currentPassword, verifiedHash)) return { verifiedHash, isDone: false };
      const isDone = idempotencyKey !== undefined && (await isPassword(newPassword, verifiedHash));
      return isDone ? { verifiedHash, isDone } : undefined;
    });
    if (isDomainError(matched)) return matched;
    if (matched === undefined) return passwordWrong();
    if (matched.isDone) return {};
    const scope = secretScope(call, []);
    if (isDomainError(scope)) return scope;
    const passwordHash = await hashPassword(newPassword);
    const outcome = await users.execute(
      actor,
      { type: "ChangePassword", passwordHash, verifiedHash: matched.verifiedHash, sessionId: principal.session ?? "" },
      { ...scope, visibility: everything },
      contexts.user,
    );
    return isDomainError(outcome) ? outcome : {};
  };

const everything = { kind: "all" } as const;
