import { defaultAuditRetentionYears } from "../domain/tenant/tenant.ts";
import type { TenantStore } from "../tenant.ts";

/** For how many years a tenant keeps the entries of its trail. */
export const retentionOf =
  (tenants: Pick<TenantStore, "get">) =>
  async (tenant: string): Promise<number> =>
    (await tenants.get(tenant, tenant, { kind: "all" }))?.state.auditRetentionYears || defaultAuditRetentionYears;
