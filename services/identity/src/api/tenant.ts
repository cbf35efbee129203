import { commandScope, shown } from "@keynode/api/command";
import { normaliseEmail } from "@keynode/api/contact-point";
import { inputOf } from "@keynode/api/input";
import { get } from "@keynode/api/read";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import type { TenantServiceService } from "@keynode/contracts/crm/identity/v1/tenant_service";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import { hashPassword } from "../credential/password.ts";
import { refuseWeakPassword } from "../domain/user/password-weakness.ts";
import { platformPasswords } from "../domain/security-settings/security-settings.ts";
import { setUpTenant } from "../set-up/set-up-tenant.ts";
import type { Stores } from "../stores.ts";
import type { Contexts } from "./contexts.ts";
import { secretScope } from "./secret-scope.ts";

const shape = { typeName: "crm.identity.v1.Tenant", fromPartial: Tenant.fromPartial };

/** One entry per rpc of TenantService. */
export const tenantApi = (stores: Stores, contexts: Contexts): Handlers<typeof TenantServiceService> => {
  const { tenants } = stores;
  const input = inputOf<Tenant>(shape, "tenant.");
  const setUp = setUpTenant(stores, contexts);

  return {
    createTenant: async ({ tenant: given, adminName: name, adminEmail, adminPassword }, call) => {
      const tenant = input.ofCreate(given ?? Tenant.fromPartial({}));
      if (isDomainError(tenant)) return tenant;
      const email = normaliseEmail(adminEmail);
      const weak = refuseWeakPassword(adminPassword, { name, email }, "admin_password", platformPasswords);
      if (weak !== undefined) return weak;
      const scope = secretScope(call, [JSON.stringify(tenant), name, email]);
      if (isDomainError(scope)) return scope;
      const outcome = await setUp(tenant, { name, email, passwordHash: await hashPassword(adminPassword) }, scope);
      return isDomainError(outcome) ? outcome : shown(outcome);
    },
    getTenant: get(tenants, shape),
    updateTenant: async ({ tenant: patch = Tenant.fromPartial({}), updateMask }, call) => {
      const paths = input.ofUpdate(patch, updateMask);
      if (isDomainError(paths)) return paths;
      const scope = commandScope(call, patch.etag);
      if (isDomainError(scope)) return scope;
      const outcome = await tenants.execute(
        patch.id,
        { type: "UpdateTenant", tenant: patch, updateMask: [...paths] },
        scope,
        ({ now }) => ({ now }),
      );
      return isDomainError(outcome) ? outcome : shown(outcome);
    },
  };
};
