import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { CreateTenantRequest, TenantServiceService } from "@keynode/contracts/crm/identity/v1/tenant_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { identityService } from "../src/service.ts";
import { callerOf, refusal, required, resolve, stranger } from "./start.ts";

const password = "lantern orchard 7";

let under: ServiceUnderTest;
let platform: GrpcClient<typeof TenantServiceService>;

beforeAll(async () => {
  under = await startForTest(identityService, required);
  platform = under.client(TenantServiceService, { actor: "service:platform", tenant: "*" });
});

const request = (key: string, more: Partial<CreateTenantRequest> = {}) =>
  CreateTenantRequest.fromPartial({
    tenant: Tenant.fromPartial({ key, name: "Acme", timeZone: "Asia/Shanghai" }),
    adminName: "Li Wei",
    adminEmail: "Li@acme.example",
    adminPassword: password,
    ...more,
  });
const enter = async (key: string, email = "li@acme.example") => {
  const { accessToken } = await under.client(AuthServiceService).signIn({ tenant: key, email, password });
  return callerOf(await resolve(under, accessToken));
};

describe("a tenant", () => {
  it("begins with a first user who may do everything there, and there only", async () => {
    const tenant = await platform.createTenant(request("acme"));
    const first = await enter("acme");
    expect(first).toMatchObject({ tenant: tenant.id, actor: tenant.ownerId, grants: { "*": "all" } });
    const tenants = under.client(TenantServiceService, { ...first, policyVersion: 1e6 });
    expect(await tenants.getTenant({ id: tenant.id })).toEqual(tenant);
    const other = await platform.createTenant(request("other"));
    expect(await refusal(tenants.getTenant({ id: other.id }))).toMatchObject({ code: "NOT_FOUND" });
  });
  it("is refused when its key is another's", async () => {
    await platform.createTenant(request("taken"));
    expect(await refusal(platform.createTenant(request("taken", { adminEmail: "x@x.example" })))).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "TENANT_EXISTS",
    });
  });
  it("asked for by many at once is one, with one first user", async () => {
    const emails = ["a@acme.example", "b@acme.example", "c@acme.example"];
    const outcomes = await Promise.allSettled(
      emails.map((adminEmail) => platform.createTenant(request("contested", { adminEmail }))),
    );
    expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
    const entered = await Promise.allSettled(emails.map((email) => enter("contested", email)));
    expect(entered.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
  it("is answered again under the same key, with the password that came first", async () => {
    const first = await platform.createTenant(request("again"), { idempotencyKey: "tenant-1" });
    const repeat = request("again", { adminPassword: "another orchard 8" });
    expect(await platform.createTenant(repeat, { idempotencyKey: "tenant-1" })).toEqual(first);
    await enter("again");
  });
  it("is refused a weak password and a time zone that is none, and is then not there", async () => {
    const weak = platform.createTenant(request("weak", { adminPassword: "liwei123" }));
    expect(await refusal(weak)).toMatchObject({ reason: "PASSWORD_TOO_WEAK", fields: ["admin_password"] });
    const nowhere = request("weak", {
      tenant: Tenant.fromPartial({ key: "weak", name: "W", timeZone: "Nowhere/Else" }),
    });
    expect(await refusal(platform.createTenant(nowhere))).toMatchObject({
      reason: "TIME_ZONE_UNKNOWN",
      fields: ["tenant.time_zone"],
    });
    expect(await under.db.collection("tenants").countDocuments({ "state.key": "weak" })).toBe(0);
  });
  it("is the platform's to make, nobody else's", async () => {
    const asUser = under.client(TenantServiceService, stranger()).createTenant(request("mine"));
    expect(await refusal(asUser)).toMatchObject({ reason: "INTERNAL_METHOD" });
    const gateway = under.client(TenantServiceService, { actor: "service:gateway", tenant: "*" });
    expect(await refusal(gateway.createTenant(request("mine")))).toMatchObject({ reason: "PERMISSION_DENIED" });
  });
  it("is changed by its own, but for its key", async () => {
    const { id } = await platform.createTenant(request("changed"));
    const tenants = under.client(TenantServiceService, stranger({ tenant: id }));
    const update = (tenant: Partial<Tenant>, mask: string) =>
      tenants.updateTenant({ tenant: Tenant.fromPartial({ id, ...tenant }), updateMask: [mask] });
    expect(await update({ currency: "EUR" }, "currency")).toMatchObject({ currency: "EUR", key: "changed", etag: "2" });
    expect(await refusal(update({ key: "renamed" }, "key"))).toMatchObject({ reason: "INVALID_FIELD_MASK" });
    expect(await refusal(update({ timeZone: "+08:00" }, "time_zone"))).toMatchObject({ reason: "TIME_ZONE_UNKNOWN" });
    expect(await refusal(update({ name: "Old", etag: "1" }, "name"))).toMatchObject({ reason: "ETAG_MISMATCH" });
  });
});
