import { snapshotOf } from "@keynode/api/snapshot";
import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import * as events from "@keynode/contracts/crm/identity/v1/tenant_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

/** What decides which day it is for a tenant. */
export type TenantRow = { timeZone: string };

export const tenantProjection = defineProjection<{ tenants: TenantRow }>({
  name: "tenants",
  from: { identity: ["TenantCreated", "TenantEdited"] },
  tables: { tenants: {} },
  apply: async (event, { tenants }) => {
    const snapshot = snapshotOf<Tenant>(event, events);
    if (snapshot === undefined) return;
    const { recordId: id, tenant, version } = event;
    await tenants.keep({ id, tenant, version }, { timeZone: snapshot.timeZone });
  },
});

/** The tenant's time zone; UTC as long as we know of none. */
export const timeZoneOf = async (tenants: TenantCopy, tenant: string): Promise<string> =>
  (await tenants.tables().tenants.findOne({ _id: tenant, tenant }))?.timeZone || "UTC";

export type TenantCopy = Copy<{ tenants: TenantRow }>;
