import type { ResetPasswordRequest, ResetPasswordResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { sameSecret } from "@keynode/decider/same-secret";
import type { Handler } from "@keynode/grpc/call";
import { hashPassword } from "../credential/password.ts";
import { refuseWeakPassword } from "../domain/user/password-weakness.ts";
import type { LinkParts } from "./link-parts.ts";
import { readLinkToken } from "./link-token.ts";

/** Sets a password by a link. What is wrong with the link is not told; tokens that do not fit count against their address. */
export const resetPassword = (parts: LinkParts): Handler<ResetPasswordRequest, ResetPasswordResponse> => {
  const { stores, contexts, attempts, securityOf } = parts;
  const { users } = stores;

  const reset = async (
    { token: text, newPassword }: ResetPasswordRequest,
    deadline: Date,
  ): Promise<ResetPasswordResponse | DomainError> => {
    const token = readLinkToken(text);
    const found = token && (await users.collection.findOne({ _id: token.userId }));
    if (!token || !found || !sameSecret(found.state.link?.digest, token.digest)) return reject("LINK_INVALID");
    const { tenant, state } = found;
    const { passwords, providers } = await securityOf(tenant);
    if (!providers.includes("PASSWORD")) return reject("LINK_INVALID");
    const weak = refuseWeakPassword(newPassword, state, "new_password", passwords);
    if (weak !== undefined) return weak;
    const outcome = await users.execute(
      token.userId,
      { type: "ResetPassword", linkId: state.link?.id ?? "", passwordHash: await hashPassword(newPassword) },
      { tenant, actor: token.userId, visibility: { kind: "all" }, deadline },
      contexts.user,
    );
    if (isDomainError(outcome)) return outcome.reason === "RECORD_DELETED" ? reject("LINK_INVALID") : outcome;
    await attempts.unlock(tenant, state.email);
    return {};
  };

  return (request, { deadline, clientAddress }) => attempts.makeFrom(clientAddress, () => reset(request, deadline));
};
