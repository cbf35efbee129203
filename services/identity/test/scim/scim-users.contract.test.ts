import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import {
  FindScimUsersRequest,
  GetScimUserRequest,
  ScimServiceService,
} from "@keynode/contracts/crm/identity/v1/scim_service";
import { newId } from "@keynode/aggregate/type-id";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { tenantIdOf } from "../../src/tenant.ts";
import { installation, refusal, startIdentity, stranger } from "../start.ts";
import { patch, readAnswer, scimBody } from "./scim-client.ts";

let under: ServiceUnderTest;
let scim: GrpcClient<typeof ScimServiceService>;
let users: GrpcClient<typeof UserServiceService>;
const tenant = tenantIdOf(installation.SEED_TENANT);
const directory = stranger({ tenant, grants: { "scim.*": "all", "users.readSensitive": "all" } });
/** One that may keep users and not see how to reach them. */
const blind = { ...directory, actor: newId("apikey"), grants: { "scim.*": "all" } } as const;

beforeAll(async () => {
  under = await startIdentity();
  scim = under.client(ScimServiceService, directory);
  users = under.client(UserServiceService, stranger({ tenant }));
});

let counter = 0;
const someone = (more: object = {}) => {
  counter += 1;
  const userName = `Person.${counter}@directory.example`;
  return { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName, externalId: `ext-${counter}`, ...more };
};
const add = async (more: object = {}) => readAnswer(await scim.addScimUser({ resource: scimBody(someone(more)) }));
const get = async (userId: string) =>
  readAnswer(await scim.getScimUser(GetScimUserRequest.fromPartial({ userId }))).body;
const find = async (filter: string, more: Partial<FindScimUsersRequest> = {}) =>
  readAnswer(await scim.findScimUsers(FindScimUsersRequest.fromPartial({ filter, ...more }))).body;
const change = async (userId: string, ...operations: object[]) =>
  readAnswer(await scim.patchScimUser({ userId, resource: patch(...operations) })).body;

/** As Okta creates a user. */
const okta = () => {
  const { userName, externalId } = someone();
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName,
    name: { givenName: "Fang", familyName: "Wang" },
    emails: [{ primary: true, value: userName, type: "work" }],
    displayName: "Fang Wang",
    locale: "en-US",
    externalId,
    groups: [],
    password: "1mz050nq",
    active: true,
  };
};
/** As Entra creates one. */
const entra = () => {
  const { userName, externalId } = someone();
  return {
    schemas: [
      "urn:ietf:params:scim:schemas:core:2.0:User",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ],
    externalId,
    userName,
    active: "True",
    displayName: "王芳",
    emails: [{ primary: true, type: "work", value: userName }],
    meta: { resourceType: "User" },
    name: { formatted: "王芳", familyName: "王", givenName: "芳" },
    preferredLanguage: "zh-CN",
    title: "Manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "Sales", employeeNumber: "7" },
  };
};

describe("a user that a directory brings", () => {
  it.each([
    ["Okta", okta, { displayName: "Fang Wang", active: true }],
    ["Entra", entra, { displayName: "王芳", active: true, preferredLanguage: "zh" }],
  ])("as %s brings them, is a user like any other", async (_name, given, expected) => {
    const body = given();
    const {
      status,
      location,
      etag,
      contentType,
      body: made,
    } = readAnswer(await scim.addScimUser({ resource: scimBody(body) }));
    expect({ status, contentType, etag }).toEqual({ status: 201, contentType: "application/scim+json", etag: "1" });
    expect(location).toBe(`/scim/v2/Users/${made.id}`);
    expect(made).toMatchObject({
      ...expected,
      userName: body.userName.toLowerCase(),
      externalId: body.externalId,
      name: { givenName: body.name.givenName, familyName: body.name.familyName },
      emails: [{ value: body.userName.toLowerCase() }],
      meta: { resourceType: "User", version: '"1"' },
    });
    expect(await users.getUser({ id: made.id })).toMatchObject({
      email: body.userName.toLowerCase(),
      name: expected.displayName,
      externalKey: body.externalId,
      active: true,
    });
    expect(await get(made.id)).toEqual(made);
  });
  it("comes barred when the directory says so", async () => {
    expect((await add({ active: false })).body.active).toBe(false);
  });
  it("is made once: the same again meets the first", async () => {
    const body = someone();
    const { id } = readAnswer(await scim.addScimUser({ resource: scimBody(body) })).body;
    for (const twin of [body, { ...body, externalId: "another" }, { ...body, userName: "another@directory.example" }]) {
      expect(await refusal(scim.addScimUser({ resource: scimBody(twin) }))).toMatchObject({
        code: "ALREADY_EXISTS",
        metadata: { scimType: "uniqueness" },
      });
    }
    expect((await find(`externalId eq "${body.externalId}"`)).Resources.map((each) => each.id)).toEqual([id]);
  });
  it.each([
    ["no JSON", "{", "SCIM_BODY_INVALID", "invalidSyntax"],
    ["no object", "[]", "SCIM_BODY_INVALID", "invalidSyntax"],
    ["no userName", {}, "SCIM_VALUE_INVALID", "invalidValue"],
    ["a userName that is no address", { userName: "wang" }, "SCIM_VALUE_INVALID", "invalidValue"],
  ])("with %s is refused", async (_what, body, reason, scimType) => {
    expect(await refusal(scim.addScimUser({ resource: scimBody(body) }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason,
      metadata: { scimType },
    });
  });
  it("is named wrong in every place at once", async () => {
    const wrong = scim.addScimUser({ resource: scimBody({ userName: 1, active: "maybe", externalId: {} }) });
    expect((await refusal(wrong)).fields.toSorted()).toEqual(["active", "externalId", "userName"]);
  });
});

it("a body that has an attribute in two spellings is refused, with its place", async () => {
  const twice = scimBody({ userName: "a@directory.example", name: { givenName: "Na", givenname: "Wei" } });
  const { reason, fields } = await refusal(scim.addScimUser({ resource: twice }));
  expect([reason, fields]).toEqual(["SCIM_BODY_INVALID", ["name.givenname"]]);
});

describe("a change", () => {
  it.each([
    ["Okta deactivates", { op: "replace", value: { active: false } }, { active: false }],
    ["Entra deactivates", { op: "Replace", path: "active", value: "False" }, { active: false }],
    [
      "a path names its schema",
      { op: "replace", path: "urn:ietf:params:scim:schemas:core:2.0:User:displayName", value: "Li Na" },
      { displayName: "Li Na" },
    ],
    [
      "Entra adds a part of the name",
      { op: "Add", path: "name.givenName", value: "Na" },
      { name: { givenName: "Na", formatted: "Wang Fang" } },
    ],
    [
      "a path stands for a name without one",
      { op: "replace", value: { "name.familyName": "Li", displayName: "Li Na" } },
      { name: { familyName: "Li", formatted: "Li Na" } },
    ],
    ["Okta sends the id along", { op: "replace", value: { id: "x", displayName: "Li Na" } }, { displayName: "Li Na" }],
    [
      "what this service does not keep is left alone",
      { op: "replace", path: 'emails[type eq "work"].value', value: "x@y.example" },
      { displayName: "Wang Fang" },
    ],
    [
      "the address changes",
      { op: "replace", path: "userName", value: "New.Name@directory.example" },
      { userName: "new.name@directory.example" },
    ],
  ])("by PATCH: %s", async (_what, operation, expected) => {
    const { body } = await add({ displayName: "Wang Fang", preferredLanguage: "en" });
    const changed = await change(body.id, operation);
    expect(changed).toMatchObject(expected);
    expect(await get(body.id)).toEqual(changed);
  });
  it("takes a value away", async () => {
    const { body } = await add({ preferredLanguage: "en" });
    expect(body.preferredLanguage).toBe("en");
    expect(await change(body.id, { op: "remove", path: "preferredLanguage" })).not.toHaveProperty("preferredLanguage");
  });
  it("of the manager, as Entra writes it", async () => {
    const manager = await add();
    const { body } = await add();
    const path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    await change(body.id, { op: "Add", path, value: manager.body.id });
    expect((await users.getUser({ id: body.id })).managerId).toBe(manager.body.id);
    await change(body.id, { op: "Replace", path, value: { value: manager.body.id } }, { op: "Remove", path });
    expect((await users.getUser({ id: body.id })).managerId).toBe("");
  });
  it("of a whole extension is one of what it names, or of all that is in it", async () => {
    const manager = await add();
    const { body } = await add();
    const path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    await change(body.id, { op: "add", path, value: { manager: { value: manager.body.id } } });
    expect((await users.getUser({ id: body.id })).managerId).toBe(manager.body.id);
    await change(body.id, { op: "remove", path });
    expect((await users.getUser({ id: body.id })).managerId).toBe("");
  });
  it("by PUT replaces what SCIM may write, and clears what it leaves out", async () => {
    const { body } = await add({ displayName: "Wang Fang", preferredLanguage: "zh", name: { givenName: "Fang" } });
    const resource = scimBody({ userName: body.userName, displayName: "Wang Fang" });
    const replaced = readAnswer(await scim.replaceScimUser({ userId: body.id, resource })).body;
    expect(replaced).toMatchObject({ displayName: "Wang Fang", active: true });
    for (const cleared of ["externalId", "preferredLanguage"]) expect(replaced).not.toHaveProperty(cleared);
    expect(replaced.name).not.toHaveProperty("givenName");
  });
  it("leaves alone what directories have no say in", async () => {
    const { body } = await add();
    const teamless = await users.updateUser({
      user: User.fromPartial({ id: body.id, roleIds: [] }),
      updateMask: ["role_ids"],
    });
    await change(body.id, { op: "replace", path: "displayName", value: "Li Na" });
    expect(await users.getUser({ id: body.id })).toMatchObject({ roleIds: teamless.roleIds, email: teamless.email });
  });
  it("bars and lets in again, and ends sessions like any barring", async () => {
    const { body } = await add();
    const password = "lantern orchard 7";
    await users.setUserPassword({ id: body.id, etag: "", password });
    const signIn = () => under.client(AuthServiceService).signIn({ tenant, email: body.userName ?? "", password });
    await signIn();
    await change(body.id, { op: "replace", value: { active: false } });
    expect(await refusal(signIn())).toMatchObject({ reason: "SIGN_IN_FAILED" });
    await change(body.id, { op: "replace", value: { active: "True" } });
    expect((await signIn()).accessToken).not.toBe("");
  });
  it("of a version that has passed is refused", async () => {
    const { body } = await add();
    const resource = patch({ op: "replace", path: "displayName", value: "Li Na" });
    await scim.patchScimUser({ userId: body.id, resource }, { ifMatch: "1" });
    const stale = scim.patchScimUser({ userId: body.id, resource }, { ifMatch: "1" });
    expect(await refusal(stale)).toMatchObject({ reason: "ETAG_MISMATCH" });
  });
  it.each([
    [{ op: "replace", path: "favouriteColour", value: "red" }, "SCIM_PATH_INVALID", "invalidPath"],
    [{ op: "replace", path: "name[", value: "red" }, "SCIM_PATH_INVALID", "invalidPath"],
    [{ op: "remove", path: "urn:ietf:params:scim:schemas:core:2.0:User" }, "SCIM_PATH_INVALID", "invalidPath"],
    [
      { op: "add", path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", value: "red" },
      "SCIM_BODY_INVALID",
      "invalidSyntax",
    ],
    [{ op: "add", path: "$where", value: "1" }, "SCIM_PATH_INVALID", "invalidPath"],
    [{ op: "add", path: "__proto__", value: { active: false } }, "SCIM_PATH_INVALID", "invalidPath"],
    [{ op: "add", value: JSON.parse('{"__proto__":{"active":false}}') as object }, "SCIM_PATH_INVALID", "invalidPath"],
    [{ op: "add", path: "displayName", value: "x", Value: "y" }, "SCIM_BODY_INVALID", "invalidSyntax"],
    [{ op: "move", path: "displayName", value: "x" }, "SCIM_BODY_INVALID", "invalidSyntax"],
    [{ op: "replace", path: "displayName" }, "SCIM_BODY_INVALID", "invalidSyntax"],
    [{ op: "replace", path: "active", value: "maybe" }, "SCIM_VALUE_INVALID", "invalidValue"],
    [{ op: "remove", path: "userName" }, "SCIM_VALUE_INVALID", "invalidValue"],
  ])("that makes no sense is refused: %o", async (operation, reason, scimType) => {
    const { body } = await add({ displayName: "Wang Fang" });
    const resource = patch({ op: "replace", path: "displayName", value: "Li Na" }, operation);
    expect(await refusal(scim.patchScimUser({ userId: body.id, resource }))).toMatchObject({
      reason,
      metadata: { scimType },
    });
    expect((await get(body.id)).displayName).toBe("Wang Fang");
  });
});

describe("a user that a directory takes away", () => {
  it("is gone for it, cannot sign in, and makes room for another", async () => {
    const body = someone();
    const { id } = readAnswer(await scim.addScimUser({ resource: scimBody(body) })).body;
    expect(readAnswer(await scim.removeScimUser({ userId: id })).status).toBe(204);
    expect(await refusal(get(id))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(scim.removeScimUser({ userId: id }))).toMatchObject({ code: "NOT_FOUND" });
    expect((await users.getUser({ id })).deleteTime).toBeInstanceOf(Date);
    expect((await find(`userName eq "${body.userName}"`)).totalResults).toBe(0);
    expect(readAnswer(await scim.addScimUser({ resource: scimBody(body) })).status).toBe(201);
  });
});

describe("a search", () => {
  it("finds by address in any case, by key, by id and by several at once", async () => {
    const { body } = await add();
    const { id, externalId = "" } = body;
    const userName = body.userName?.toUpperCase() ?? "";
    const filters = [
      `userName eq "${userName}"`,
      `emails.value eq "${userName}"`,
      `externalId eq "${externalId}"`,
      `id eq "${id}"`,
      `externalId eq "${externalId}" and active eq true`,
    ];
    for (const filter of filters) {
      expect((await find(filter)).Resources.map((each) => each.id)).toEqual([id]);
    }
    expect(await find(`externalId eq "${externalId}" and active eq false`)).toMatchObject({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: 0,
      Resources: [],
    });
  });
  it("is answered page by page, and by its size alone", async () => {
    for (let count = 0; count < 3; count += 1) await add();
    const all = await find("");
    const second = await find("", { startIndex: 2, count: 2 });
    expect(second).toMatchObject({ totalResults: all.totalResults, startIndex: 2, itemsPerPage: 2 });
    expect(second.Resources.map(({ id }) => id)).toEqual(all.Resources.slice(1, 3).map(({ id }) => id));
    expect(await find("", { count: 0 })).toMatchObject({ totalResults: all.totalResults, Resources: [] });
    expect(await find("", { startIndex: -5, count: -1 })).toMatchObject({ startIndex: 1, itemsPerPage: 0 });
  });
  it("answers the attributes that are wanted", async () => {
    const { body } = await add({ displayName: "Wang Fang" });
    const filter = `id eq "${body.id}"`;
    const [few] = (await find(filter, { attributes: "userName,name.givenName" })).Resources;
    expect(Object.keys(few ?? {}).toSorted()).toEqual(["id", "meta", "name", "schemas", "userName"]);
    const [most] = (await find(filter, { excludedAttributes: "displayName" })).Resources;
    expect(most).not.toHaveProperty("displayName");
  });
  it.each(['userName co "wang"', 'displayName eq "x"', 'userName eq "a" or userName eq "b"', "garbage"])(
    "that no index answers is refused: %s",
    async (filter) => {
      expect(await refusal(find(filter))).toMatchObject({
        reason: "SCIM_FILTER_INVALID",
        metadata: { scimType: "invalidFilter" },
      });
    },
  );
});

describe("another caller", () => {
  it("of another tenant finds nothing", async () => {
    const { body } = await add();
    const others = under.client(ScimServiceService, stranger({ grants: { "scim.*": "all" } }));
    expect(await refusal(others.getScimUser(GetScimUserRequest.fromPartial({ userId: body.id })))).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(readAnswer(await others.findScimUsers(FindScimUsersRequest.fromPartial({}))).body.totalResults).toBe(0);
  });
  it.each([{ "users.*": "all" }, { "scim.read": "own" }, { "scim.read": "team" }] as const)(
    "with the rights %o is refused",
    async (grants) => {
      const limited = under.client(ScimServiceService, stranger({ tenant, grants }));
      expect(await refusal(limited.findScimUsers(FindScimUsersRequest.fromPartial({})))).toMatchObject({
        code: "PERMISSION_DENIED",
      });
    },
  );
});

describe("what SCIM tells of itself", () => {
  it("names what there is, and each of it where it says", async () => {
    const { schemas } = readAnswer(await scim.getScimServiceProviderConfig({})).body;
    expect(schemas).toEqual(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]);
    for (const { id } of readAnswer(await scim.findScimResourceTypes({})).body.Resources) {
      expect(readAnswer(await scim.getScimResourceType({ name: id })).body.id).toBe(id);
    }
    const told = readAnswer(await scim.findScimSchemas({})).body.Resources;
    expect(told).toHaveLength(3);
    for (const { id } of told) expect(readAnswer(await scim.getScimSchema({ uri: id })).body.id).toBe(id);
    expect(await refusal(scim.getScimSchema({ uri: "urn:none" }))).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a directory without the right to sensitive values", () => {
  it("is shown addresses masked, wherever SCIM shows them", async () => {
    const { body } = await add({ userName: "hidden.person@directory.example" });
    const client = under.client(ScimServiceService, blind);
    const masked = "h***@directory.example";
    const { id: userId } = body;
    const answers = [
      readAnswer(await client.getScimUser(GetScimUserRequest.fromPartial({ userId }))).body,
      ...readAnswer(await client.findScimUsers(FindScimUsersRequest.fromPartial({ filter: `id eq "${userId}"` }))).body
        .Resources,
      readAnswer(
        await client.patchScimUser({ userId, resource: patch({ op: "replace", value: { displayName: "P" } }) }),
      ).body,
    ];
    for (const shown of answers) {
      expect([shown.userName, shown.emails?.[0]?.value]).toEqual([masked, masked]);
      expect(JSON.stringify(shown)).not.toContain("hidden.person");
    }
    expect((await get(userId)).userName).toBe("hidden.person@directory.example");
  });
  it("cannot find out an address by asking for it", async () => {
    const { body } = await add();
    const client = under.client(ScimServiceService, blind);
    for (const name of ["userName", "emails.value", "emails"]) {
      const filter = `${name} eq "${body.userName}"`;
      expect(await refusal(client.findScimUsers(FindScimUsersRequest.fromPartial({ filter })))).toMatchObject({
        code: "PERMISSION_DENIED",
        fields: ["filter"],
      });
    }
  });
  it("cannot write back what it was shown", async () => {
    const { body } = await add();
    const client = under.client(ScimServiceService, blind);
    const shown = readAnswer(await client.getScimUser(GetScimUserRequest.fromPartial({ userId: body.id }))).body;
    expect(
      await refusal(client.replaceScimUser({ userId: body.id, resource: scimBody({ ...someone(), ...shown }) })),
    ).toMatchObject({ reason: "SCIM_VALUE_INVALID", fields: ["userName"] });
    expect((await get(body.id)).userName).toBe(body.userName);
  });
});

describe("what a directory is shown in the clear", () => {
  it("is on record, by user and field, before the answer leaves; what it wrote itself is not", async () => {
    const reader = { ...directory, actor: newId("apikey") };
    const client = under.client(ScimServiceService, reader);
    const { body } = readAnswer(await client.addScimUser({ resource: scimBody(someone()) }));
    const accesses = () => under.db.collection("accesses").find({ actor: reader.actor }).toArray();
    expect(await accesses()).toEqual([]);
    await client.getScimUser(GetScimUserRequest.fromPartial({ userId: body.id }));
    await client.findScimUsers(FindScimUsersRequest.fromPartial({ filter: `userName eq "${body.userName}"` }));
    expect(await accesses()).toMatchObject(
      ["GetScimUser", "FindScimUsers"].map((action) => ({
        action,
        kind: "READ",
        collection: "users",
        recordIds: [body.id],
        fields: ["email"],
        tenant,
      })),
    );
  });
});
