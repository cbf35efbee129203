import { AuditEntryServiceService } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import {
  ExportAuditEntriesRequest,
  GetAuditEntryRequest,
  ListAuditEntriesRequest,
  VerifyAuditEntriesRequest,
} from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { AuthServiceService, SignInRequest } from "@keynode/contracts/crm/identity/v1/auth_service";
import { SecuritySettings } from "@keynode/contracts/crm/identity/v1/security_settings";
import { SecuritySettingsServiceService } from "@keynode/contracts/crm/identity/v1/security_settings_service";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { CreateTenantRequest, TenantServiceService } from "@keynode/contracts/crm/identity/v1/tenant_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { newId } from "@keynode/aggregate/type-id";
import type { AccessRow } from "@keynode/runtime/access-log";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { identityService } from "../../src/service.ts";
import { tenantIdOf } from "../../src/tenant.ts";
import { refusal, required, startIdentity, stranger } from "../start.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startForTest(identityService, { ...required, AUDIT_SEAL_MS: "50" });
});

const waiting = { timeout: 20_000, interval: 50 };

const clients = (more: Parameters<typeof stranger>[0] = {}) => {
  const admin = stranger({ session: "session_1", ...more });
  const trail = under.client(AuditEntryServiceService, admin);
  return {
    admin,
    users: under.client(UserServiceService, admin),
    entries: async (filter: string) =>
      (await trail.listAuditEntries(ListAuditEntriesRequest.fromPartial({ filter }))).auditEntries,
    entry: (id: string) => trail.getAuditEntry(GetAuditEntryRequest.fromPartial({ id })),
  };
};

describe("the audit trail", () => {
  it("tells of a change who made it, in which session, and which fields it changed, by name alone", async () => {
    const { admin, users, entries } = clients();
    const { id } = await users.createUser({ user: User.fromPartial({ name: "王芳", email: "wang@example.com" }) });
    await users.updateUser({ user: User.fromPartial({ id, name: "王小芳" }), updateMask: ["name"] });
    const found = await vi.waitFor(async () => {
      const all = await entries(`recordIds:"${id}" AND kind = CHANGE`);
      expect(all.map(({ action }) => action)).toEqual(["UserEdited", "UserCreated"]);
      return all;
    }, waiting);
    expect(found[0]).toMatchObject({
      kind: "CHANGE",
      service: "identity",
      collection: "users",
      recordIds: [id],
      version: 2,
      fields: ["name"],
      actor: admin.actor,
      actorKind: "USER",
      sessionId: "session_1",
      refusal: "",
    });
    expect(found[1]?.fields).toEqual(expect.arrayContaining(["name", "email", "ownerId"]));
    expect(JSON.stringify(found.map((entry) => ({ ...entry, recordCount: 1, sequence: 1 })))).not.toMatch(/王|wang/);
  });
  it("tells of every change of the security settings, with who made it", async () => {
    const { admin, entries } = clients();
    const securitySettings = SecuritySettings.fromPartial({ masking: { shownCollections: ["leads"] } });
    await under
      .client(SecuritySettingsServiceService, admin)
      .updateSecuritySettings({ securitySettings, updateMask: ["masking"] });
    await vi.waitFor(async () => {
      expect(await entries(`collection = "securitySettings" AND kind = CHANGE`)).toMatchObject([
        {
          action: "SecuritySettingsEdited",
          actor: admin.actor,
          fields: expect.arrayContaining([expect.stringMatching(/^masking/)]),
          sessionId: "session_1",
        },
      ]);
    }, waiting);
  });
  it("tells of a change of how long it is kept: who shortens it does not go unseen", async () => {
    const platform = under.client(TenantServiceService, { actor: "service:platform", tenant: "*" });
    const { id } = await platform.createTenant(
      CreateTenantRequest.fromPartial({
        tenant: Tenant.fromPartial({ key: "keeps", name: "Acme", timeZone: "Asia/Shanghai" }),
        adminName: "Li Wei",
        adminEmail: "li@keeps.example",
        adminPassword: "lantern orchard 7",
      }),
    );
    const { admin, entries } = clients({ tenant: id });
    const tenant = Tenant.fromPartial({ id, auditRetentionYears: 2 });
    await under.client(TenantServiceService, admin).updateTenant({ tenant, updateMask: ["audit_retention_years"] });
    await vi.waitFor(async () => {
      expect(await entries(`collection = "tenants" AND action = "TenantEdited"`)).toMatchObject([
        { actor: admin.actor, fields: ["auditRetentionYears"], sessionId: "session_1" },
      ]);
    }, waiting);
  });
  it("tells of a refresh token that came again, by the session that it ended", async () => {
    const { admin, users, entries } = clients();
    const user = await users.createUser({ user: User.fromPartial({ name: "Li", email: "li@example.com" }) });
    await users.setUserPassword({ id: user.id, etag: "", password: "lantern orchard 7" });
    const auth = under.client(AuthServiceService);
    const stolen = await auth.signIn({ tenant: admin.tenant, email: user.email, password: "lantern orchard 7" });
    const { refreshToken } = await auth.refreshSession({ refreshToken: stolen.refreshToken });
    await auth.refreshSession({ refreshToken });
    expect(await refusal(auth.refreshSession({ refreshToken: stolen.refreshToken }))).toMatchObject({
      reason: "REFRESH_FAILED",
    });
    await vi.waitFor(async () => {
      const found = await entries(`recordIds:"${stolen.sessionId}" AND kind = CHANGE`);
      expect(found.map(({ action }) => action)).toContain("SessionEnded");
      expect(found.find(({ action }) => action === "SessionEnded")).toMatchObject({
        collection: "sessions",
        actor: user.id,
      });
    }, waiting);
  });
  it("has who read it, once for each call", async () => {
    const { admin, entries } = clients();
    await entries("");
    await vi.waitFor(async () => {
      const reads = await entries(`collection = "auditEntries"`);
      expect(reads.at(-1)).toMatchObject({ kind: "READ", action: "ListAuditEntries", actor: admin.actor });
    }, waiting);
  });
  it("has who was refused, equal refusals counted together", async () => {
    const { admin, entries } = clients();
    const clerk = { ...admin, actor: newId("user"), grants: { "users.read": "all" } as const };
    const users = under.client(UserServiceService, clerk);
    for (const name of ["A", "B", "C"])
      await refusal(users.createUser({ user: User.fromPartial({ name, email: `${name}@example.com` }) }));
    await vi.waitFor(async () => {
      const denials = await entries(`actor = "${clerk.actor}"`);
      expect(denials).toMatchObject([
        { kind: "DENIAL", action: "CreateUser", refusal: "PERMISSION_DENIED", actor: clerk.actor },
      ]);
      expect(denials[0]?.occurrences).toBe(3);
    }, waiting);
  });
  it("is sealed by and by, each entry behind the one before", async () => {
    const { users, entries } = clients();
    for (const name of ["A", "B", "C"])
      await users.createUser({ user: User.fromPartial({ name, email: `${name}@example.com` }) });
    await vi.waitFor(async () => {
      const places = (await entries(`action = "UserCreated"`)).map(({ sequence }) => Number(sequence));
      expect(places).not.toContain(0);
      expect(places).toEqual(places.toSorted((one, other) => other - one));
      expect(new Set(places).size).toBe(3);
    }, waiting);
  });
  it("is seen whole by auditors, and not at all by others", async () => {
    const own = clients({ grants: { "auditEntries.read": "own" } });
    expect(await refusal(own.entries(""))).toMatchObject({ reason: "PERMISSION_DENIED" });
    const none = clients({ grants: { "users.*": "all" } });
    expect(await refusal(none.entries(""))).toMatchObject({ reason: "PERMISSION_DENIED" });
  });
  it("ends at the tenant's wall", async () => {
    const mine = clients();
    const { id } = await mine.users.createUser({ user: User.fromPartial({ name: "A", email: "a@example.com" }) });
    const [entry] = await vi.waitFor(async () => {
      const all = await mine.entries(`recordIds:"${id}" AND kind = CHANGE`);
      expect(all).toHaveLength(1);
      return all;
    }, waiting);
    const theirs = clients();
    expect(await theirs.entries(`recordIds:"${id}"`)).toEqual([]);
    expect(await refusal(theirs.entry(entry?.id ?? ""))).toMatchObject({ reason: "NOT_FOUND" });
    expect(await mine.entry(entry?.id ?? "")).toMatchObject({ action: "UserCreated" });
  });
  it("is exported whole, filtered, and that it is stands in it with who did it and how many rows there were", async () => {
    const { admin, users, entries } = clients();
    for (const name of ["A", "B", "C"])
      await users.createUser({ user: User.fromPartial({ name, email: `${name}@example.com` }) });
    await vi.waitFor(async () => expect(await entries(`action = "UserCreated"`)).toHaveLength(3), waiting);
    const trail = under.client(AuditEntryServiceService, admin);
    const request = ExportAuditEntriesRequest.fromPartial({ filter: `action = "UserCreated"` });
    const rows = await Array.fromAsync(trail.exportAuditEntries(request));
    expect(rows.map(({ action, actor }) => [action, actor])).toEqual(
      Array.from({ length: 3 }, () => ["UserCreated", admin.actor]),
    );
    await vi.waitFor(async () => {
      const [row, ...others] = await entries("kind = EXPORT");
      expect([row?.actor, row?.action, row?.recordCount, row?.collection, others.length]).toEqual([
        admin.actor,
        "ExportAuditEntries",
        3n,
        "auditEntries",
        0,
      ]);
    }, waiting);
    const wrong = ExportAuditEntriesRequest.fromPartial({ filter: "colour = 1" });
    expect(await refusal(Array.fromAsync(trail.exportAuditEntries(wrong)))).toMatchObject({ reason: "INVALID_FILTER" });
  });
  it("is not shown where that cannot be recorded", async () => {
    const { entries, admin } = clients();
    await entries("");
    const broken = under.db.collection("accesses");
    // A rule of the collection's own stands for whatever keeps a row from being stored.
    await broken.createIndex(
      { tenant: 1, refusal: 1 },
      { name: "full", unique: true, partialFilterExpression: { tenant: admin.tenant } },
    );
    expect(await refusal(entries(""))).toMatchObject({ code: "UNAVAILABLE", reason: "ACCESS_LOG_UNAVAILABLE" });
    const trail = under.client(AuditEntryServiceService, admin);
    const exported = Array.fromAsync(trail.exportAuditEntries(ExportAuditEntriesRequest.fromPartial({})));
    expect(await refusal(exported)).toMatchObject({ code: "UNAVAILABLE" });
    await broken.dropIndex("full");
    await entries("");
  });
  it("is verified over a year at most, from a day that is before the last one", async () => {
    const { admin } = clients();
    const trail = under.client(AuditEntryServiceService, admin);
    const verify = (fromTime: Date, untilTime: Date) =>
      refusal(
        Array.fromAsync(trail.verifyAuditEntries(VerifyAuditEntriesRequest.fromPartial({ fromTime, untilTime }))),
      );
    const [start, end] = [new Date("2025-01-01"), new Date("2026-06-01")];
    expect(await verify(start, end)).toMatchObject({ reason: "INVALID_REQUEST", fields: ["from_time"] });
    expect(await verify(end, start)).toMatchObject({ reason: "INVALID_REQUEST", fields: ["from_time"] });
  });
  it("forgets a person when the operator says so, and nobody else may", async () => {
    const { admin, users, entries } = clients();
    const { id } = await users.createUser({ user: User.fromPartial({ name: "A", email: "a@example.com" }) });
    await vi.waitFor(async () => expect(await entries(`recordIds:"${id}" AND kind = CHANGE`)).toHaveLength(1), waiting);
    const request = { tenant: admin.tenant, recordIds: [id] };
    expect(await refusal(under.client(AuditEntryServiceService, admin).forgetAuditedPerson(request))).toMatchObject({
      reason: "INTERNAL_METHOD",
    });
    const operator = under.client(AuditEntryServiceService, { actor: "service:platform", tenant: "*" });
    expect(await operator.forgetAuditedPerson(request)).toEqual({ entryCount: 1n });
    expect(await operator.forgetAuditedPerson(request)).toEqual({ entryCount: 0n });
  });
});

describe("a sign-in that is refused", () => {
  it("is in the trail of a tenant that there is, without whose address was tried", async () => {
    const installed = await startIdentity();
    const auth = installed.client(AuthServiceService, { actor: "anonymous" });
    for (const tenant of ["demo", "demo", "nobodys"])
      await refusal(auth.signIn(SignInRequest.fromPartial({ tenant, email: "li@demo.example", password: "guess" })));
    const rows = installed.db.collection<AccessRow>("accesses");
    await vi.waitFor(async () => {
      const found = await rows.find({ kind: "SIGN_IN" }).toArray();
      expect(found).toMatchObject([{ action: "SignIn", refusal: "SIGN_IN_FAILED", occurrences: 2 }]);
      expect(found[0]?.tenant).toBe(tenantIdOf("demo"));
      expect(JSON.stringify(found)).not.toContain("li@demo");
    }, waiting);
  });
});
