import type { ResetPasswordRequest, ResetPasswordResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { sameSecret } from "@keynode/decider/same-secret";
import type { Call, Handler } from "@keynode/grpc/call";
import { keyAbout } from "../api/secret-scope.ts";
import { hashPassword } from "../credential/password.ts";
import { refuseWeakPassword } from "../domain/user/password-weakness.ts";
import type { LinkParts } from "./link-parts.ts";
import { readLinkToken } from "./link-token.ts";

/**
 * Sets a password by a link. What is wrong with the link is not told; tokens that do not fit count against their address.
 * A link is used up by its first use: whether a call repeats that one is known by its key.
 */
export const resetPassword = (parts: LinkParts): Handler<ResetPasswordRequest, ResetPasswordResponse> => {
  const { stores, contexts, attempts, securityOf } = parts;
  const { users } = stores;

  const reset = async (
    { token: text, newPassword }: ResetPasswordRequest,
    call: Call,
  ): Promise<ResetPasswordResponse | DomainError> => {
    const token = readLinkToken(text);
    const found = token && (await users.collection.findOne({ _id: token.userId }));
    if (!token || !found) return reject("LINK_INVALID");
    const { tenant, state } = found;
    const idempotency = keyAbout(call, token.userId, token.digest);
    const isLinked = sameSecret(state.link?.digest, token.digest);
    if (!isLinked && idempotency === undefined) return reject("LINK_INVALID");
    const { passwords, providers } = await securityOf(tenant);
    if (!providers.includes("PASSWORD")) return reject("LINK_INVALID");
    const weak = refuseWeakPassword(newPassword, state, "new_password", passwords);
    if (weak !== undefined) return weak;
    const outcome = await users.execute(
      token.userId,
      {
        type: "ResetPassword",
        linkId: isLinked ? (state.link?.id ?? "") : "",
        passwordHash: isLinked ? await hashPassword(newPassword) : "",
      },
      { tenant, actor: token.userId, visibility: { kind: "all" }, deadline: call.deadline, idempotency },
      contexts.user,
    );
    if (isDomainError(outcome)) return outcome.reason === "RECORD_DELETED" ? reject("LINK_INVALID") : outcome;
    await attempts.unlock(tenant, state.email);
    return {};
  };

  return (request, call) => attempts.makeFrom(call.clientAddress, () => reset(request, call));
};
