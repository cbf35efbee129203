import { newId } from "@keynode/aggregate/type-id";
import { normaliseEmail } from "@keynode/api/contact-point";
import type {
  RequestPasswordResetRequest,
  RequestPasswordResetResponse,
} from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call, Handler } from "@keynode/grpc/call";
import { keyAbout } from "../api/secret-scope.ts";
import { holderOf } from "../match-keys.ts";
import { tenantIdOf } from "../tenant.ts";
import type { LinkParts } from "./link-parts.ts";
import { linkToken } from "./link-token.ts";

const goodForMs = 30 * 60_000;
/** How long issuing a link may take, which its asker does not wait for. */
const deadlineMs = 20_000;

/**
 * Answers before it is looked whether somebody has the address, so neither the answer nor its time tells. What follows
 * is counted by address alike: three links, then ever longer pauses. A process that ends meanwhile issues none, and the
 * user asks again.
 */
export const requestPasswordReset = (
  parts: LinkParts,
): Handler<RequestPasswordResetRequest, RequestPasswordResetResponse> => {
  const { stores, contexts, attempts, secret, securityOf, maySend, now, log } = parts;
  const { users } = stores;

  const issue = async (call: Call, tenant: string, email: string): Promise<void> => {
    if (!(await attempts.mayAsk(tenant, email))) return;
    const { providers } = await securityOf(tenant);
    const found = await holderOf(users, tenant, [`email:${email}`]);
    if (found === undefined || !providers.includes("PASSWORD")) return;
    const { _id: userId } = found;
    const linkId = newId("reset");
    const at = now();
    const outcome = await users.execute(
      userId,
      {
        type: "RequestPasswordReset",
        link: {
          id: linkId,
          digest: linkToken(userId, linkId, secret).digest,
          expireTime: new Date(at.getTime() + goodForMs),
        },
      },
      {
        tenant,
        actor: userId,
        visibility: { kind: "all" },
        deadline: new Date(at.getTime() + deadlineMs),
        idempotency: keyAbout(call, userId, ""),
      },
      contexts.user,
    );
    if (isDomainError(outcome)) log.info({ reason: outcome.reason, userId }, "no link for a new password");
  };

  return async ({ tenant, email }, call) => {
    if (!maySend) return reject("MAIL_UNAVAILABLE");
    // Nobody may have mail sent without end from one place: what is asked for here never finds anything.
    const counted = await attempts.makeFrom(call.clientAddress, async () => undefined);
    if (isDomainError(counted)) return counted;
    issue(call, tenantIdOf(tenant), normaliseEmail(email)).catch((error: unknown) => {
      log.warn({ err: error }, "no link for a new password");
    });
    return {};
  };
};
