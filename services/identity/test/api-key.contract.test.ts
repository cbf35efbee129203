import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { ApiKeyServiceService, ListApiKeysRequest } from "@keynode/contracts/crm/identity/v1/api_key_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { builtInRoleId } from "../src/set-up/built-in-roles.ts";
import { tenantIdOf } from "../src/tenant.ts";
import { asGateway, installation, refusal, startIdentity, stranger } from "./start.ts";

const tenant = tenantIdOf(installation.SEED_TENANT);
const sales = builtInRoleId(tenant, "sales");
const admin = stranger({ tenant });

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
