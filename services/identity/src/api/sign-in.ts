import { derivedId } from "@keynode/aggregate/type-id";
import { normaliseEmail } from "@keynode/api/contact-point";
import { shown } from "@keynode/api/command";
import type { SignInRequest, SignInResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import { isPassword } from "../credential/password.ts";
import { holderOf } from "../match-keys.ts";
import { openSession } from "../session/open-session.ts";
import { tenantIdOf } from "../tenant.ts";
import type { AuthParts } from "./auth.ts";

/**
 * Opens a session. Whatever is wrong, the answer is the same and takes the same time: an address that nobody has is
 * looked up, checked against a hash and counted like any other, and so is a locked account.
 */
export const signIn = (parts: AuthParts): Handler<SignInRequest, SignInResponse> => {
  const {
    stores: { users },
    attempts,
    securityOf,
  } = parts;
  const open = openSession(parts);
  return async ({ tenant: keyOrId, email, password }, call) => {
    const tenant = tenantIdOf(keyOrId);
    const address = normaliseEmail(email);
    const user = await attempts.make({ tenant, email: address, address: call.clientAddress }, async () => {
      const { providers } = await securityOf(tenant);
      const found = await holderOf(users, tenant, [`email:${address}`]);
      const hash = found?.state.active && providers.includes("PASSWORD") ? found.state.passwordHash : undefined;
      return (await isPassword(password, hash)) ? found : undefined;
    });
    if (isDomainError(user)) return user;
    if (user === undefined) return reject("SIGN_IN_FAILED");
    const { idempotencyKey } = call;
    const tokens = await open({
      user,
      provider: "PASSWORD",
      call,
      ...(idempotencyKey !== undefined && { id: derivedId("session", user._id, idempotencyKey) }),
    });
    return isDomainError(tokens) ? tokens : { ...tokens, user: shown(user) };
  };
};
