import { AuditEntryServiceService } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { GetAuditEntryRequest, ListAuditEntriesRequest } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { newId } from "@keynode/aggregate/type-id";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { identityService } from "../../src/service.ts";
import { refusal, stranger } from "../start.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startForTest(identityService, { AUDIT_SEAL_MS: "50" });
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
});
