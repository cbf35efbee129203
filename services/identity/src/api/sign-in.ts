import { derivedId, newId } from "@keynode/aggregate/type-id";
import { normaliseEmail } from "@keynode/api/contact-point";
import { shown } from "@keynode/api/command";
import type { SignInRequest, SignInResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import { accountOf } from "../credential/attempts.ts";
import { newAccessToken } from "../credential/credential.ts";
import { isPassword } from "../credential/password.ts";
import { holderOf } from "../match-keys.ts";
import { tenantIdOf } from "../tenant.ts";
import type { AuthParts } from "./auth.ts";

/** How long a session lasts: a working day and some. */
const sessionMs = 12 * 3_600_000;

/** What a sign-in that came to nothing may have been; its caller learns none of it. */
const unsaid: ReadonlySet<string> = new Set(["NOT_FOUND", "RECORD_DELETED"]);

/**
 * Opens a session. Whatever is wrong, the answer is the same and takes the same time: an address that nobody has is
 * looked up, checked against a hash and counted like any other.
 */
export const signIn =
  ({ stores: { users }, contexts, attempts, now }: AuthParts): Handler<SignInRequest, SignInResponse> =>
  async ({ tenant: keyOrId, email, password }, { idempotencyKey, deadline }) => {
    const tenant = tenantIdOf(keyOrId);
    const address = normaliseEmail(email);
    const user = await attempts.make(tenant, accountOf(tenant, address), async () => {
      const found = await holderOf(users, tenant, [`email:${address}`]);
      const hash = found?.state.active ? found.state.passwordHash : undefined;
      const fits = await isPassword(password, hash);
      return fits && found && hash !== undefined ? { id: found._id, verifiedHash: hash } : undefined;
    });
    if (isDomainError(user)) return user;
    if (user === undefined) return reject("SIGN_IN_FAILED");

    const { id: userId, verifiedHash } = user;
    const { text: accessToken, digest: tokenDigest } = newAccessToken(userId);
    const expireTime = new Date(now().getTime() + sessionMs);
    const id = idempotencyKey === undefined ? newId("session") : derivedId("session", userId, idempotencyKey);
    const outcome = await users.execute(
      userId,
      { type: "SignIn", session: { id, tokenDigest, expireTime }, verifiedHash },
      { tenant, actor: userId, visibility: { kind: "all" }, deadline },
      contexts.user,
    );
    if (isDomainError(outcome)) return unsaid.has(outcome.reason) ? reject("SIGN_IN_FAILED") : outcome;
    return { accessToken, expireTime, user: shown(outcome) };
  };
