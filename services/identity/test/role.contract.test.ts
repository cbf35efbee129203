import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { ListRolesRequest, RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { tenantIdOf } from "../src/tenant.ts";
import { installation, refusal, startIdentity, stranger } from "./start.ts";

let under: ServiceUnderTest;
const admin = stranger({ tenant: tenantIdOf(installation.SEED_TENANT) });
let roles: GrpcClient<typeof RoleServiceService>;

beforeAll(async () => {
  under = await startIdentity();
  roles = under.client(RoleServiceService, admin);
});

const make = (grants: Role["grants"], client = roles) =>
  client.createRole({ role: Role.fromPartial({ name: "Reader", grants }) });
const update = (id: string, change: Partial<Role>, mask: string, client = roles) =>
  client.updateRole({ role: Role.fromPartial({ id, ...change }), updateMask: [mask] });

describe("a tenant's roles", () => {
  it("begin with nine that are built in and stay as they are", async () => {
    const { roles: builtIn } = await roles.listRoles(ListRolesRequest.fromPartial({ filter: "builtIn = true" }));
    expect(builtIn.map(({ name }) => name).toSorted()).toEqual(
      [
        "Administrator",
        "Auditor",
        "Directory",
        "Integration",
        "Manager",
        "Marketing",
        "Sales",
        "Service agent",
        "Viewer",
      ].toSorted(),
    );
    for (const { id } of builtIn.slice(0, 2)) {
      expect(await refusal(update(id, { name: "Mine" }, "name"))).toMatchObject({
        code: "FAILED_PRECONDITION",
        reason: "ROLE_BUILT_IN",
      });
      expect(await refusal(roles.deleteRole({ id, etag: "" }))).toMatchObject({ reason: "ROLE_BUILT_IN" });
    }
  });
});

describe("a role", () => {
  it("is its maker's and cannot come built in", async () => {
    const role = await roles.createRole({ role: Role.fromPartial({ name: "R", builtIn: true }) });
    expect(role).toMatchObject({ ownerId: admin.actor, builtIn: false });
  });
  it("grants nothing that its maker may not do, whether made, changed or brought back", async () => {
    const own = under.client(
      RoleServiceService,
      stranger({ tenant: admin.tenant, grants: { "roles.*": "all", "leads.*": "own", "cases.read": "all" } }),
    );
    const beyond: Role["grants"] = [{ permission: "leads.read", scope: "TEAM" }];
    expect(await refusal(make(beyond, own))).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "ROLE_EXCEEDS_CALLER",
    });
    const { id } = await make([{ permission: "leads.read", scope: "OWN" }], own);
    expect(await refusal(update(id, { grants: beyond }, "grants", own))).toMatchObject({
      reason: "ROLE_EXCEEDS_CALLER",
    });
    await update(id, { grants: beyond }, "grants");
    await roles.deleteRole({ id, etag: "" });
    expect(await refusal(own.undeleteRole({ id, etag: "" }))).toMatchObject({ reason: "ROLE_EXCEEDS_CALLER" });
    expect((await roles.undeleteRole({ id, etag: "" })).deleteTime).toBeUndefined();
  });
  it("is refused permissions that cannot be", async () => {
    const odd = make([{ permission: "leads.read.all", scope: "ALL" }]);
    expect(await refusal(odd)).toMatchObject({ fields: ["role.grants[0].permission"] });
  });
});
