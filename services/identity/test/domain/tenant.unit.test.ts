import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import { type TenantEvent, tenantDecider } from "../../src/domain/tenant/tenant.ts";

const context = { now: new Date("2026-03-01T08:00:00Z") };
const said = { country: "DE", currency: "EUR", timeZone: "Europe/Berlin", language: "en", auditRetentionYears: 5 };
const tenant = Tenant.fromPartial({ key: "demo", name: "Demo", ...said });
const created: TenantEvent = { type: "TenantCreated", tenant };
const rules = specify(tenantDecider);

describe("a tenant", () => {
  it("is as it was described, and begins in China where nothing is said", () => {
    rules.given().when({ type: "CreateTenant", tenant }, context).then(created);
    const silent = Tenant.fromPartial({ key: "demo", name: "Demo" });
    rules
      .given()
      .when({ type: "CreateTenant", tenant: silent }, context)
      .thenTypes(["TenantCreated"], (state) =>
        expect(state).toMatchObject({ country: "CN", currency: "CNY", timeZone: "Asia/Shanghai", language: "zh" }),
      );
  });
  it("is refused a time zone that is none", () => {
    for (const timeZone of ["Asia/Atlantis", "+08:00", "8"]) {
      rules
        .given()
        .when({ type: "CreateTenant", tenant: { ...tenant, timeZone } }, context)
        .thenRefused("TIME_ZONE_UNKNOWN", { timeZone });
      rules
        .given(created)
        .when({ type: "UpdateTenant", tenant: { ...tenant, timeZone }, updateMask: ["time_zone"] }, context)
        .thenRefused("TIME_ZONE_UNKNOWN");
    }
  });
  it("changes what the mask names, and is quiet when that is so already", () => {
    rules
      .given(created)
      .when(
        { type: "UpdateTenant", tenant: { ...tenant, name: "Demo Ltd", timeZone: "none" }, updateMask: ["name"] },
        context,
      )
      .thenTypes(["TenantEdited"]);
    rules
      .given(created)
      .when({ type: "UpdateTenant", tenant, updateMask: ["name"] }, context)
      .thenNothing();
  });
});
