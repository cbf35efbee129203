import { snapshotOf } from "@keynode/api/snapshot";
import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import * as tenantEvents from "@keynode/contracts/crm/identity/v1/tenant_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "../service-definition.ts";

/** What decides which day it is for a tenant. */
export type TenantRow = { timeZone: string };

export type TenantCopy = Copy<{ tenants: TenantRow }>;

/** A service's copy of identity's tenants, for services that turn instants into days. */
export const tenants = defineProjection<{ tenants: TenantRow }>({
  name: "tenants",
  from: { identity: ["TenantCreated", "TenantEdited"] },
  tables: { tenants: {} },
  apply: async (event, tables) => {
    const snapshot = snapshotOf<Tenant>(event, tenantEvents);
    if (snapshot === undefined) return;
    const { recordId: id, tenant, version } = event;
    await tables.tenants.keep({ id, tenant, version }, { timeZone: snapshot.timeZone });
  },
});

/** Of a tenant that we have not heard of yet; identity gives a new tenant the same one. */
const defaultTimeZone = "Asia/Shanghai";

/** The tenant's IANA time zone. */
export const timeZoneOf = async (copy: TenantCopy, tenant: string): Promise<string> =>
  (await copy.tables().tenants.findOne({ _id: tenant, tenant }))?.timeZone || defaultTimeZone;
