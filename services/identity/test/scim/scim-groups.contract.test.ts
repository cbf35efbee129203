import { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import { IdentityProviderServiceService } from "@keynode/contracts/crm/identity/v1/identity_provider_service";
import {
  FindScimGroupsRequest,
  GetScimGroupRequest,
  RemoveScimGroupRequest,
  ScimServiceService,
} from "@keynode/contracts/crm/identity/v1/scim_service";
import { TeamServiceService } from "@keynode/contracts/crm/identity/v1/team_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { identityService } from "../../src/service.ts";
import { builtInRoleId } from "../../src/set-up/built-in-roles.ts";
import { tenantIdOf } from "../../src/tenant.ts";
import { installation, refusal, required, stranger } from "../start.ts";
import { patch, readAnswer, scimBody } from "./scim-client.ts";

let under: ServiceUnderTest;
let scim: GrpcClient<typeof ScimServiceService>;
let users: GrpcClient<typeof UserServiceService>;
let teams: GrpcClient<typeof TeamServiceService>;
const tenant = tenantIdOf(installation.SEED_TENANT);

beforeAll(async () => {
  under = await startForTest(identityService, { ...required, ...installation, PUBLIC_URL: "https://crm.example" });
  scim = under.client(ScimServiceService, stranger({ tenant, grants: { "scim.*": "all" } }));
  users = under.client(UserServiceService, stranger({ tenant }));
  teams = under.client(TeamServiceService, stranger({ tenant }));
});

let counter = 0;
const person = async () => {
  counter += 1;
  const user = User.fromPartial({ name: `P${counter}`, email: `p${counter}@directory.example` });
  return (await users.createUser({ user })).id;
};
const people = (count: number) => Promise.all(Array.from({ length: count }, person));
const add = async (more: object = {}) => {
  counter += 1;
  const resource = scimBody({ displayName: `Group ${counter}`, externalId: `g-${counter}`, ...more });
  return readAnswer(await scim.addScimGroup({ resource }));
};
const get = async (groupId: string) =>
  readAnswer(await scim.getScimGroup(GetScimGroupRequest.fromPartial({ groupId }))).body;
const find = async (filter: string, more: Partial<FindScimGroupsRequest> = {}) =>
  readAnswer(await scim.findScimGroups(FindScimGroupsRequest.fromPartial({ filter, ...more }))).body;
const change = async (groupId: string, ...operations: object[]) =>
  readAnswer(await scim.patchScimGroup({ groupId, resource: patch(...operations) })).body;
const membersOf = async (groupId: string) => (await get(groupId)).members?.map(({ value }) => value).toSorted();
const as = (ids: readonly string[]) => ids.map((value) => ({ value }));

describe("a group that a directory brings", () => {
  it("is a team with its members", async () => {
    const ids = await people(2);
    const { status, location, body } = await add({ members: as(ids) });
    expect({ status, location }).toEqual({ status: 201, location: `/scim/v2/Groups/${body.id}` });
    expect(body.members?.map(({ value }) => value).toSorted()).toEqual(ids.toSorted());
    expect(await teams.getTeam({ id: body.id })).toMatchObject({
      name: body.displayName,
      externalKey: body.externalId,
    });
    expect((await users.getUser({ id: ids[0] ?? "" })).teamIds).toEqual([body.id]);
  });
  it("is made once by its key", async () => {
    const { body } = await add();
    expect(await refusal(add({ externalId: body.externalId }))).toMatchObject({
      code: "ALREADY_EXISTS",
      metadata: { scimType: "uniqueness" },
    });
  });
  it("needs a name, and members that there are", async () => {
    expect(await refusal(add({ displayName: "" }))).toMatchObject({ fields: ["displayName"] });
    const unknown = add({ members: as(["user_none"]) });
    expect(await refusal(unknown)).toMatchObject({ reason: "SCIM_VALUE_INVALID", fields: ["members"] });
    expect(await refusal(add({ members: [{ display: "x" }] }))).toMatchObject({ fields: ["members"] });
  });
});

describe("members", () => {
  it.each([
    ["one at a time (Okta, Entra)", (id: string) => ({ op: "remove", path: `members[value eq "${id}"]` })],
    ["by value (Entra, formerly)", (id: string) => ({ op: "Remove", path: "members", value: as([id]) })],
  ])("come and go, %s", async (_how, removal) => {
    const [first = "", second = "", third = ""] = await people(3);
    const { id } = (await add({ members: as([first]) })).body;
    await change(id, { op: "add", path: "members", value: as([second, third]) });
    expect(await membersOf(id)).toEqual([first, second, third].toSorted());
    await change(id, removal(second));
    expect(await membersOf(id)).toEqual([first, third].toSorted());
    await change(id, removal(second), { op: "Add", path: "members", value: as([third]) });
    expect(await membersOf(id)).toEqual([first, third].toSorted());
  });
  it("are replaced as a whole, by PATCH and by PUT", async () => {
    const [first = "", second = ""] = await people(2);
    const { id, displayName } = (await add({ members: as([first]) })).body;
    await change(id, { op: "replace", path: "members", value: as([second]) });
    expect(await membersOf(id)).toEqual([second]);
    const resource = scimBody({ displayName, members: as([first]) });
    await scim.replaceScimGroup({ groupId: id, resource });
    expect(await membersOf(id)).toEqual([first]);
    await change(id, { op: "remove", path: "members" });
    expect(await membersOf(id)).toEqual([]);
  });
  it("of other teams stay in those", async () => {
    const [id = ""] = await people(1);
    const other = (await add({ members: as([id]) })).body;
    const group = (await add({ members: as([id]) })).body;
    await change(group.id, { op: "remove", path: `members[value eq "${id}"]` });
    expect((await users.getUser({ id })).teamIds).toEqual([other.id]);
  });
  it("are in all groups that take them at the same moment", async () => {
    const [id = ""] = await people(1);
    const groups = await Promise.all(Array.from({ length: 5 }, () => add()));
    await Promise.all(groups.map(({ body }) => change(body.id, { op: "add", path: "members", value: as([id]) })));
    expect((await users.getUser({ id })).teamIds.toSorted()).toEqual(groups.map(({ body }) => body.id).toSorted());
  });
  it("are not moved by the thousands at once", async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => `user_${at}`);
    expect(await refusal(add({ members: as(many) }))).toMatchObject({
      reason: "SCIM_TOO_MANY",
      metadata: { scimType: "tooMany", limit: "1000" },
    });
  });
});

describe("a change of a group", () => {
  it.each([
    ["with a path", { op: "Replace", path: "displayName", value: "Sales" }],
    ["without one, as Okta writes it", { op: "replace", value: { id: "x", displayName: "Sales" } }],
  ])("renames it %s", async (_how, operation) => {
    const { body } = await add();
    expect(await change(body.id, operation)).toMatchObject({ displayName: "Sales", externalId: body.externalId });
  });
  it("to what a group does not have is refused", async () => {
    const { body } = await add();
    for (const path of ["colour", "members.display", 'members[type eq "User"]']) {
      const changed = scim.patchScimGroup({ groupId: body.id, resource: patch({ op: "replace", path, value: "x" }) });
      expect(await refusal(changed)).toMatchObject({ reason: "SCIM_PATH_INVALID" });
    }
  });
});

describe("a group that a directory takes away", () => {
  it("lets its members go first", async () => {
    const [id = ""] = await people(1);
    const { body } = await add({ members: as([id]) });
    expect(readAnswer(await scim.removeScimGroup({ groupId: body.id })).status).toBe(204);
    expect((await users.getUser({ id })).teamIds).toEqual([]);
    expect(await refusal(get(body.id))).toMatchObject({ code: "NOT_FOUND" });
    expect((await teams.getTeam({ id: body.id })).deleteTime).toBeInstanceOf(Date);
  });
});

describe("a search for groups", () => {
  it("finds by name, key, id and member, with or without the members", async () => {
    const [id = ""] = await people(1);
    const { body } = await add({ displayName: `华东 ${counter}`, members: as([id]) });
    const filters = [
      `displayName eq "${body.displayName}"`,
      `externalId eq "${body.externalId}"`,
      `id eq "${body.id}" and members eq "${id}"`,
      `members.value eq "${id}"`,
    ];
    for (const filter of filters) {
      const found = await find(filter);
      expect(found.Resources.map((each) => each.id)).toEqual([body.id]);
      expect(found.Resources[0]?.members).toHaveLength(1);
      const [bare] = (await find(filter, { excludedAttributes: "members" })).Resources;
      expect(bare).not.toHaveProperty("members");
    }
    expect((await find(`id eq "${body.id}" and members eq "user_none"`)).totalResults).toBe(0);
    expect(await refusal(find('displayName sw "x"'))).toMatchObject({ reason: "SCIM_FILTER_INVALID" });
  });
});

describe("what a group is mapped to", () => {
  it("comes and goes with membership, and leaves what people gave", async () => {
    const providers = under.client(IdentityProviderServiceService, stranger({ tenant }));
    const [sales, manager] = [builtInRoleId(tenant, "sales"), builtInRoleId(tenant, "manager")];
    await providers.createIdentityProvider({
      identityProvider: IdentityProvider.fromPartial({
        name: "Company",
        issuer: "https://login.example",
        clientId: "crm",
        enabled: true,
        groupMappings: [{ group: "Mapped sales", roleIds: [sales], teamIds: [] }],
      }),
    });
    const [id = ""] = await people(1);
    await users.updateUser({ user: User.fromPartial({ id, roleIds: [manager] }), updateMask: ["role_ids"] });
    const { body } = await add({ displayName: "Mapped sales", members: as([id]) });
    expect((await users.getUser({ id })).roleIds).toEqual([manager, sales]);
    await change(body.id, { op: "remove", path: `members[value eq "${id}"]` });
    expect((await users.getUser({ id })).roleIds).toEqual([manager]);
  });
});

describe("another caller", () => {
  it("of another tenant finds nothing", async () => {
    const { body } = await add();
    const others = under.client(ScimServiceService, stranger({ grants: { "scim.*": "all" } }));
    const { id: groupId } = body;
    const tried = [
      others.getScimGroup(GetScimGroupRequest.fromPartial({ groupId })),
      others.patchScimGroup({ groupId, resource: patch({ op: "replace", path: "displayName", value: "Theirs" }) }),
      others.replaceScimGroup({ groupId, resource: scimBody({ displayName: "Theirs" }) }),
      others.removeScimGroup(RemoveScimGroupRequest.fromPartial({ groupId })),
    ];
    for (const { code } of await Promise.all(tried.map((call) => refusal(call)))) expect(code).toBe("NOT_FOUND");
    expect(readAnswer(await others.findScimGroups(FindScimGroupsRequest.fromPartial({}))).body.totalResults).toBe(0);
    expect((await get(groupId)).displayName).toBe(body.displayName);
  });
});
