import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import * as codecs from "@keynode/contracts/crm/identity/v1/tenant_events";
import { type TenantCommand, type TenantContext, type TenantEvent, tenantDecider } from "./domain/tenant/tenant.ts";

export const tenantAggregate = defineAggregate<Tenant, TenantCommand, TenantEvent, TenantContext>({
  name: "tenant",
  collection: "tenants",
  decider: tenantDecider,
  events: codecs,
});

export type TenantStore = Store<Tenant, TenantCommand, TenantEvent, TenantContext>;

/** The id that a tenant's key stands for: it is what makes keys unique on the platform. Ids stand for themselves. */
export const tenantIdOf = (keyOrId: string): string =>
  keyOrId.startsWith("tenant_") ? keyOrId : derivedId("tenant", keyOrId);
