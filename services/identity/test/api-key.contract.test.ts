import { newId } from "@keynode/aggregate/type-id";
import type { Grants } from "@keynode/auth/principal";
import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { ApiKeyServiceService, ListApiKeysRequest } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { builtInRoleId } from "../src/set-up/built-in-roles.ts";
import { firstUserId } from "../src/set-up/set-up-tenant.ts";
import { tenantIdOf } from "../src/tenant.ts";
import { asGateway, installation, refusal, startIdentity, stranger } from "./start.ts";

const tenant = tenantIdOf(installation.SEED_TENANT);
const sales = builtInRoleId(tenant, "sales");
const admin = stranger({ tenant, actor: firstUserId(tenant) });

let under: ServiceUnderTest;
let apiKeys: GrpcClient<typeof ApiKeyServiceService>;

beforeAll(async () => {
  under = await startIdentity();
  apiKeys = under.client(ApiKeyServiceService, admin);
});

const make = async (partial: Partial<ApiKey> = {}, idempotencyKey?: string) => {
  const apiKey = ApiKey.fromPartial({ name: "website", roleIds: [sales], ...partial });
  const made = await apiKeys.createApiKey({ apiKey }, idempotencyKey === undefined ? {} : { idempotencyKey });
  if (made.apiKey === undefined) throw new Error("no API key");
  return { ...made.apiKey, secret: made.secret };
};
const authenticate = (credential: string) => asGateway(under).authenticate({ credential });

describe("an API key", () => {
  it("shows its secret once and can be recognised by its beginning", async () => {
    const { id, secret, prefix } = await make();
    expect(secret.startsWith(prefix)).toBe(true);
    expect(await authenticate(secret)).toMatchObject({ tenant, actor: id, roles: [sales] });
    expect(await apiKeys.getApiKey({ id })).toMatchObject({ id, prefix, ownerId: admin.actor });
  });
  it("asked for again under one key shows no secret, only what the first call made", async () => {
    const { id, secret } = await make({}, "key-1");
    expect(await refusal(make({}, "key-1"))).toMatchObject({ code: "ALREADY_EXISTS", metadata: { id } });
    expect(await refusal(make({ name: "other" }, "key-1"))).toMatchObject({ reason: "KEY_REUSED" });
    expect(await authenticate(secret)).toMatchObject({ actor: id });
  });
  it("may be renamed and no more", async () => {
    const { id } = await make();
    const update = (mask: string) =>
      apiKeys.updateApiKey({ apiKey: ApiKey.fromPartial({ id, name: "shop" }), updateMask: [mask] });
    expect(await update("name")).toMatchObject({ name: "shop", etag: "2" });
    expect(await refusal(update("role_ids"))).toMatchObject({ reason: "INVALID_FIELD_MASK", fields: ["role_ids"] });
  });
  it("lets nobody in once it is revoked, and stays so", async () => {
    const { id, secret } = await make();
    const revoked = await apiKeys.revokeApiKey({ id, etag: "" });
    expect(revoked.revokeTime).toBeDefined();
    expect(await refusal(authenticate(secret))).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await apiKeys.revokeApiKey({ id, etag: "" })).toEqual(revoked);
  });
  it("lets nobody in once it has ended", async () => {
    const expireTime = new Date(Date.now() + 1_500);
    const { secret } = await make({ expireTime });
    expect((await authenticate(secret)).expireTime).toEqual(expireTime);
    await expect
      .poll(
        async () =>
          authenticate(secret).then(
            () => "in",
            () => "out",
          ),
        { timeout: 10_000, interval: 100 },
      )
      .toBe("out");
  });
  it("is refused an end that has passed, and roles and teams beyond its maker", async () => {
    expect(await refusal(make({ expireTime: new Date(0) }))).toMatchObject({
      reason: "EXPIRY_PASSED",
      fields: ["api_key.expire_time"],
    });
    const lesser = under.client(ApiKeyServiceService, stranger({ tenant, grants: { "apiKeys.*": "own" } }));
    const created = lesser.createApiKey({ apiKey: ApiKey.fromPartial({ name: "website", roleIds: [sales] }) });
    expect(await refusal(created)).toMatchObject({ reason: "ROLE_EXCEEDS_CALLER" });
  });
  it("tells when it was last used, to the hour", async () => {
    const { id, secret } = await make();
    await authenticate(secret);
    const { lastUseTime, etag } = await apiKeys.getApiKey({ id });
    expect(lastUseTime?.getTime()).toSatisfy((time: number) => time % 3_600_000 === 0 && Date.now() - time < 7_200_000);
    await authenticate(secret);
    expect((await apiKeys.getApiKey({ id })).etag).toBe(etag);
  });
  it("is found by its name and its beginning", async () => {
    const { id, prefix } = await make({ name: "found by name" });
    for (const filter of ["name = 'found by name'", `prefix = "${prefix}"`]) {
      const { apiKeys: rows } = await apiKeys.listApiKeys(ListApiKeysRequest.fromPartial({ filter }));
      expect(
        rows.map((row) => row.id),
        filter,
      ).toEqual([id]);
    }
  });
});

describe("what an API key may do", () => {
  const rightsOf = async (secret: string) =>
    Object.fromEntries((await authenticate(secret)).grants.map(({ permission, scope }) => [permission, scope]));
  /** A user with a role of these grants, as whom keys are made. */
  const maker = async (...grants: Role["grants"]) => {
    const { id: roleId } = await under
      .client(RoleServiceService, admin)
      .createRole({ role: Role.fromPartial({ name: "Maker", grants }) });
    const users = under.client(UserServiceService, admin);
    const email = `maker.${newId("user")}@demo.example`;
    const { id } = await users.createUser({ user: User.fromPartial({ name: "M", email, roleIds: [roleId] }) });
    const held = Object.fromEntries(grants.map(({ permission, scope }) => [permission, scope.toLowerCase()])) as Grants;
    const keys = under.client(ApiKeyServiceService, stranger({ tenant, actor: id, grants: held }));
    const { secret, apiKey } = await keys.createApiKey({
      apiKey: ApiKey.fromPartial({ name: "of a maker", roleIds: [roleId] }),
    });
    return { id, roleId, users, secret, keyId: apiKey?.id ?? "" };
  };
  const all = (permission: string) => ({ permission, scope: "ALL" }) as const;

  it("is cut down to the permissions that were chosen for it, of those that its roles grant", async () => {
    const { secret } = await make({ permissions: ["leads.read", "auditEntries.read"] });
    expect(await rightsOf(secret)).toEqual({
      "leads.read": "OWN",
      "me.read": "OWN",
      "me.signOut": "OWN",
      "permissions.explain": "OWN",
    });
  });
  it("is never more than its maker may do, also once the maker may do less", async () => {
    const { id, users, secret } = await maker(all("apiKeys.create"), all("leads.read"));
    expect(await rightsOf(secret)).toMatchObject({ "leads.read": "ALL" });
    await users.updateUser({ user: User.fromPartial({ id, roleIds: [sales] }), updateMask: ["role_ids"] });
    expect(await rightsOf(secret)).toMatchObject({ "leads.read": "OWN" });
    expect(await rightsOf(secret)).not.toHaveProperty("apiKeys.create");
  });
  it.each<[string, "deactivateUser" | "deleteUser"]>([
    ["is barred", "deactivateUser"],
    ["is deleted", "deleteUser"],
  ])("is nothing once its maker %s, also of keys that the key made", async (_case, end) => {
    const { id, users, secret, keyId, roleId } = await maker(all("apiKeys.create"), all("leads.read"));
    const asKey = under.client(
      ApiKeyServiceService,
      stranger({ tenant, actor: keyId, grants: { "apiKeys.create": "all", "leads.read": "all" } }),
    );
    const child = await asKey.createApiKey({ apiKey: ApiKey.fromPartial({ name: "child", roleIds: [roleId] }) });
    expect(await rightsOf(child.secret)).toMatchObject({ "leads.read": "ALL" });
    await users[end]({ id, etag: "" });
    for (const each of [secret, child.secret]) {
      expect(await refusal(authenticate(each))).toMatchObject({ reason: "UNAUTHENTICATED" });
    }
  });
});
