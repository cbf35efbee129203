import { newId } from "@keynode/aggregate/type-id";
import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { TeamServiceService } from "@keynode/contracts/crm/identity/v1/team_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { ListUsersRequest, UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { identityService } from "../src/service.ts";
import { refusal, required, stranger } from "./start.ts";

let under: ServiceUnderTest;
const admin = stranger();
let users: GrpcClient<typeof UserServiceService>;
let teams: GrpcClient<typeof TeamServiceService>;
let roles: GrpcClient<typeof RoleServiceService>;

beforeAll(async () => {
  under = await startForTest(identityService, required);
  users = under.client(UserServiceService, admin);
  teams = under.client(TeamServiceService, admin);
  roles = under.client(RoleServiceService, admin);
});

let counter = 0;
const email = () => `person.${counter++}@demo.example`;
const make = (partial: Partial<User> = {}, client = users) =>
  client.createUser({ user: User.fromPartial({ name: "王芳", email: email(), ...partial }) });
const team = async () => (await teams.createTeam({ team: Team.fromPartial({ name: "East" }) })).id;
const role = async (...grants: Role["grants"]) =>
  (await roles.createRole({ role: Role.fromPartial({ name: "R", grants }) })).id;
const listed = async (filter: string, more: Partial<ListUsersRequest> = {}, client = users) =>
  (await client.listUsers(ListUsersRequest.fromPartial({ filter, ...more }))).users.map(({ id }) => id);

describe("a user", () => {
  it("is active, their own, of their first team, and read back as answered", async () => {
    const teamIds = [await team(), await team()];
    const user = await make({ teamIds, email: "  Li.Wei@Demo.example".trim() });
    expect(user).toMatchObject({ ownerId: user.id, teamId: teamIds[0], active: true, email: "li.wei@demo.example" });
    expect(await users.getUser({ id: user.id })).toEqual(user);
  });
  it("cannot bring what only the service decides", async () => {
    const user = await make({ id: newId("user"), active: false, ownerId: admin.actor, lastSignInTime: new Date(0) });
    expect(user).toMatchObject({ ownerId: user.id, active: true, etag: "1" });
    expect(user.lastSignInTime).toBeUndefined();
  });
  it("is refused when another has the address or the external key, naming that one", async () => {
    const first = await make({ externalKey: "agent-1" });
    for (const partial of [{ email: first.email.toUpperCase() }, { externalKey: "agent-1" }]) {
      expect(await refusal(make(partial))).toMatchObject({
        code: "ALREADY_EXISTS",
        reason: "USER_EXISTS",
        metadata: { userId: first.id },
      });
    }
  });
  it("is refused without naming the other to a caller who may not see them", async () => {
    const first = await make();
    const here = await team();
    const lead = under.client(
      UserServiceService,
      stranger({ tenant: admin.tenant, teams: [here], grants: { "users.*": "team" } }),
    );
    const refused = await refusal(make({ email: first.email, teamIds: [here] }, lead));
    expect(refused).toMatchObject({ reason: "USER_EXISTS", metadata: {} });
  });
  it("may have an address that a deleted user had, who is then not brought back", async () => {
    const first = await make();
    await users.deleteUser({ id: first.id, etag: "" });
    await make({ email: first.email });
    expect(await refusal(users.undeleteUser({ id: first.id, etag: "" }))).toMatchObject({ reason: "USER_EXISTS" });
  });
  it("keeps the address that an update would take from another", async () => {
    const [one, other] = [await make(), await make()];
    const update = users.updateUser({
      user: User.fromPartial({ id: one.id, email: other.email }),
      updateMask: ["email"],
    });
    expect(await refusal(update)).toMatchObject({ reason: "USER_EXISTS", metadata: { userId: other.id } });
  });
  it("is refused roles, teams and a manager that are another tenant's or deleted, naming each place", async () => {
    const elsewhere = stranger();
    const foreign = await under
      .client(RoleServiceService, elsewhere)
      .createRole({ role: Role.fromPartial({ name: "R" }) });
    expect(await refusal(make({ roleIds: [await role(), foreign.id] }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "ROLE_NOT_FOUND",
      fields: ["user.role_ids[1]"],
    });
    const gone = await team();
    await teams.deleteTeam({ id: gone, etag: "" });
    expect(await refusal(make({ teamIds: [gone] }))).toMatchObject({ reason: "TEAM_NOT_FOUND" });
    expect(await refusal(make({ managerId: newId("user") }))).toMatchObject({ fields: ["user.manager_id"] });
  });
  it("gets no roles beyond those of who gives them", async () => {
    const wide = await role({ permission: "leads.*", scope: "ALL" });
    const narrow = await role({ permission: "leads.read", scope: "OWN" });
    const grants = { "users.*": "all", "leads.*": "own" } as const;
    const lead = under.client(UserServiceService, stranger({ tenant: admin.tenant, grants }));
    expect(await refusal(make({ roleIds: [wide] }, lead))).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "ROLE_EXCEEDS_CALLER",
    });
    expect((await make({ roleIds: [narrow] }, lead)).roleIds).toEqual([narrow]);
    const superior = await make({ roleIds: [wide] });
    const set = lead.setUserPassword({ id: superior.id, etag: "", password: "lantern orchard 7" });
    expect(await refusal(set)).toMatchObject({ reason: "ROLE_EXCEEDS_CALLER" });
  });
  it("rises by no change of their own record, nor of a role that they have", async () => {
    const grants: Role["grants"] = ["users.*", "roles.*", "leads.read"].map((permission) => ({
      permission,
      scope: "OWN",
    }));
    const roleId = await role(...grants);
    const everything = await role({ permission: "*", scope: "ALL" });
    const [mine, others] = [await team(), await team()];
    const { id } = await make({ roleIds: [roleId], teamIds: [mine] });
    const caller = {
      ...stranger({ tenant: admin.tenant, actor: id, teams: [mine] }),
      grants: { "users.*": "own", "roles.*": "all", "leads.read": "own" },
    } as const;
    const self = under.client(UserServiceService, caller);
    const change = (changes: Partial<User>, path: string) =>
      refusal(self.updateUser({ user: User.fromPartial({ id, ...changes }), updateMask: [path] }));
    expect(await change({ roleIds: [roleId, everything] }, "role_ids")).toMatchObject({
      reason: "ROLE_EXCEEDS_CALLER",
    });
    expect(await change({ teamIds: [mine, others] }, "team_ids")).toMatchObject({ reason: "TEAM_NOT_FOUND" });
    const wider: Role["grants"] = [...grants, { permission: "leads.read", scope: "ALL" }];
    const ownRole = under.client(RoleServiceService, caller);
    for (const changed of [wider, [{ permission: "*", scope: "ALL" } as const]]) {
      expect(
        await refusal(
          ownRole.updateRole({ role: Role.fromPartial({ id: roleId, grants: changed }), updateMask: ["grants"] }),
        ),
      ).toMatchObject({ reason: "ROLE_EXCEEDS_CALLER" });
    }
    const kept = await users.getUser({ id });
    expect([kept.roleIds, kept.teamIds]).toEqual([[roleId], [mine]]);
  });
  it("is never given to another owner or tenant by what a request brings along", async () => {
    const user = await make();
    const foreign = newId("tenant");
    const request = { user: User.fromPartial({ id: user.id, ownerId: admin.actor }), tenant: foreign };
    expect(await refusal(users.updateUser({ ...request, updateMask: ["owner_id"] }))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    await users.updateUser({ ...request, updateMask: ["name"] }).catch(() => undefined);
    expect(await users.getUser({ id: user.id })).toMatchObject({ ownerId: user.id });
    expect(await under.db.collection("users").countDocuments({ tenant: foreign })).toBe(0);
  });
  it("is made by a caller of narrower sight only where the caller sees them", async () => {
    const [here, there] = [await team(), await team()];
    const lead = under.client(
      UserServiceService,
      stranger({ tenant: admin.tenant, teams: [here], grants: { "users.*": "team" } }),
    );
    expect((await make({ teamIds: [here] }, lead)).teamId).toBe(here);
    expect(await refusal(make({}, lead))).toMatchObject({ reason: "PERMISSION_DENIED" });
    expect(await refusal(make({ teamIds: [here, there] }, lead))).toMatchObject({ reason: "TEAM_NOT_FOUND" });
  });
  it("cannot bar or delete themselves", async () => {
    const { id } = await make();
    const self = under.client(UserServiceService, { ...admin, actor: id });
    expect(await refusal(self.deactivateUser({ id, etag: "" }))).toMatchObject({ reason: "USER_IS_CALLER" });
    expect(await refusal(self.deleteUser({ id, etag: "" }))).toMatchObject({ reason: "USER_IS_CALLER" });
  });
  it("is not there for another tenant", async () => {
    const { id } = await make();
    const elsewhere = under.client(UserServiceService, stranger());
    expect(await refusal(elsewhere.getUser({ id }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(elsewhere.deactivateUser({ id, etag: "" }))).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a password that is set", () => {
  it("is refused when it is weak or the user's own name", async () => {
    const { id } = await make({ name: "Li Wei" });
    for (const password of ["12345678", "liwei1990"]) {
      const set = users.setUserPassword({ id, etag: "", password });
      expect(await refusal(set)).toMatchObject({ reason: "PASSWORD_TOO_WEAK", fields: ["password"] });
    }
  });
  it("under a key that was used is not set again", async () => {
    const { id } = await make();
    const set = (password: string) =>
      users.setUserPassword({ id, etag: "", password }, { idempotencyKey: "password-1" });
    const first = await set("lantern orchard 7");
    expect(await set("lantern orchard 7")).toEqual(first);
    expect(await set("another orchard 8")).toEqual(first);
    expect((await users.getUser({ id })).etag).toBe(first.etag);
  });
  it("is set under the etag that the caller has seen", async () => {
    const { id } = await make();
    const set = (etag: string) => users.setUserPassword({ id, etag, password: "lantern orchard 7" });
    await set("1");
    expect(await refusal(set("1"))).toMatchObject({ reason: "ETAG_MISMATCH" });
  });
});

describe("users", () => {
  it("come in batches, each accepted or refused on its own, once however often they come", async () => {
    const [taken, teamId] = [await make(), await team()];
    const requests = [
      { user: User.fromPartial({ name: "A", email: email(), externalKey: "batch-a", teamIds: [teamId] }) },
      { user: User.fromPartial({ name: "B", email: taken.email }) },
      { user: User.fromPartial({ name: "C", email: email(), teamIds: [newId("team")] }) },
      { user: User.fromPartial({ name: "D", email: email() }) },
    ];
    const first = await users.batchCreateUsers({ requests }, { idempotencyKey: "users-1" });
    expect(first.results.map(({ user, status }) => user?.name ?? status?.code)).toEqual(["A", 6, 3, "D"]);
    expect(await users.batchCreateUsers({ requests }, { idempotencyKey: "users-1" })).toEqual(first);
  });
  it("are found by team, role, address, external key, manager and whether they are active", async () => {
    const [teamId, roleId, manager] = [await team(), await role(), await make()];
    const user = await make({ teamIds: [teamId], roleIds: [roleId], managerId: manager.id, externalKey: "found-1" });
    await users.deactivateUser({ id: user.id, etag: "" });
    for (const filter of [
      `teamIds:"${teamId}"`,
      `roleIds:"${roleId}"`,
      `teamId = "${teamId}"`,
      `email = "${user.email}"`,
      'externalKey = "found-1"',
      `managerId = "${manager.id}"`,
      "active = false",
    ]) {
      expect(await listed(filter), filter).toEqual([user.id]);
    }
  });
  it("are those that the caller may see: oneself, those of one's teams, or all", async () => {
    const teamId = await team();
    const [mine, theirs] = [await make({ teamIds: [teamId] }), await make()];
    const seen = (grants: "own" | "team") =>
      under.client(UserServiceService, {
        ...admin,
        actor: theirs.id,
        teams: [teamId],
        policyVersion: grants === "own" ? 1_000_001 : 1_000_002,
        grants: { "users.read": grants },
      });
    expect(await listed("", {}, seen("own"))).toEqual([theirs.id]);
    expect((await listed("", {}, seen("team"))).toSorted()).toEqual([mine.id, theirs.id].toSorted());
  });
});
