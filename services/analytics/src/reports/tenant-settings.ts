import type { TableCollections } from "@keynode/messaging/generation";
import type { SalesRows } from "../projections/rows.ts";

/** What a tenant's reports go by: UTC, and no currency, as long as nothing else is known. */
export const tenantSettings = async (
  { tenants }: TableCollections<SalesRows>,
  tenant: string,
): Promise<{ readonly timeZone: string; readonly currency: string }> => {
  const row = await tenants.findOne({ _id: tenant, tenant });
  return { timeZone: row?.timeZone ?? "Asia/Shanghai", currency: row?.currency ?? "" };
};
