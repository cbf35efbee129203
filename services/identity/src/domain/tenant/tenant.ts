import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import type { TenantCreated, TenantEdited } from "@keynode/contracts/crm/identity/v1/tenant_events";
import type { UpdateTenantRequest } from "@keynode/contracts/crm/identity/v1/tenant_service";
import { edited } from "@keynode/decider/crud";
import { type Decider, decideBy, onRecord, type Tagged } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";

export type TenantCommand = Tagged<{ CreateTenant: { readonly tenant: Tenant }; UpdateTenant: UpdateTenantRequest }>;

export type TenantEvent = Tagged<{ TenantCreated: TenantCreated; TenantEdited: TenantEdited }>;

export type TenantContext = { readonly now: Date };

/** Errors: TIME_ZONE_UNKNOWN. */
export const tenantDecider: Decider<TenantCommand, Tenant, TenantEvent, TenantContext> = {
  decide: decideBy<TenantCommand, Tenant, TenantEvent, TenantContext>({
    CreateTenant: ({ tenant }) => refuseTimeZone(tenant) ?? [{ type: "TenantCreated", tenant: withDefaults(tenant) }],
    UpdateTenant: onRecord(({ tenant, updateMask = [] }, state, context) =>
      tenant === undefined
        ? []
        : (refuseTimeZone(withChanges(state, tenant, updateMask)) ??
          edited("Tenant", state, tenant, updateMask, context)),
    ),
  }),
  evolve: (state, event) => {
    switch (event.type) {
      case "TenantCreated":
        return event.tenant as Tenant;
      case "TenantEdited":
        return withChanges(state as Tenant, event.changes ?? {}, event.changedFields ?? []);
    }
  },
};

/** Longer than accounts have to be kept in most places. */
export const defaultAuditRetentionYears = 7;

/** What a tenant begins with where its creator says nothing. */
const withDefaults = (tenant: Tenant): Tenant => ({
  ...tenant,
  country: tenant.country || "CN",
  currency: tenant.currency || "CNY",
  timeZone: tenant.timeZone || "Asia/Shanghai",
  language: tenant.language || "zh",
  auditRetentionYears: tenant.auditRetentionYears || defaultAuditRetentionYears,
});

const refuseTimeZone = ({ timeZone }: Tenant): DomainError | undefined => {
  if (timeZone === "" || isTimeZone(timeZone)) return undefined;
  const reason = "TIME_ZONE_UNKNOWN";
  return reject(reason, { timeZone }, [{ field: "tenant.time_zone", reason }]);
};

/** IANA names only: an offset such as `+08:00`, which Intl takes too, knows no summer time. */
const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
