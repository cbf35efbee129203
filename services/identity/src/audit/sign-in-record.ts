import type { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import type { AccessLog } from "@keynode/runtime/access-log";
import { tenantIdOf } from "../tenant.ts";
import type { TenantStore } from "../tenant.ts";

/**
 * Puts refused sign-ins on record, those of one network counted together, and never whose address was tried: it may be
 * nobody's, or a password in the wrong field. Those that succeed are events.
 */
export const withSignInsRecorded = (
  handlers: Handlers<typeof AuthServiceService>,
  accesses: Pick<AccessLog, "deny">,
  tenants: Pick<TenantStore, "get">,
): Handlers<typeof AuthServiceService> => ({
  ...handlers,
  signIn: async (request, call) => {
    const outcome = await handlers.signIn(request, call);
    if (!isDomainError(outcome)) return outcome;
    const tenant = tenantIdOf(request.tenant);
    const { actor, origin } = call;
    // Guessing at tenants must not fill anything.
    if ((await tenants.get(tenant, tenant, { kind: "all" })) !== undefined)
      accesses.deny({ tenant, kind: "SIGN_IN", action: "SignIn", actor, origin, refusal: outcome.reason });
    return outcome;
  },
});
