import { randomUUID } from "node:crypto";
import { newId } from "@keynode/aggregate/type-id";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { ConfigError } from "@keynode/config/load-config";
import { privateBus, testEngines } from "@keynode/engines/testing";
import type { AggregateDocument, JournalRow } from "@keynode/messaging/entry";
import { UserSessionsEnded } from "@keynode/contracts/crm/identity/v1/user_events";
import { loadServiceConfig } from "@keynode/runtime/service-config";
import { type RunningService, startService } from "@keynode/runtime/start-service";
import { everySource } from "@keynode/runtime/testing";
import { Binary, type Db } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiKeyIdOf, prefixOf } from "../src/credential/credential.ts";
import { isPassword } from "../src/credential/password.ts";
import type { ApiKeyState } from "../src/domain/api-key/api-key.ts";
import type { PolicyState } from "../src/domain/policy/policy.ts";
import type { RoleState } from "../src/domain/role/role.ts";
import type { UserState } from "../src/domain/user/state.ts";
import { identityService } from "../src/service.ts";
import { builtInRoleId } from "../src/set-up/built-in-roles.ts";
import { firstUserId } from "../src/set-up/set-up-tenant.ts";
import { tenantIdOf } from "../src/tenant.ts";
import { installation, required } from "./start.ts";

const tenant = tenantIdOf(installation.SEED_TENANT);
const userId = firstUserId(tenant);
const otherKey = `kn_replacement${"t".repeat(32)}`;

let base: Record<string, string>;
let db: Db;

beforeAll(async () => {
  const [bus, { privateJwk }] = await Promise.all([privateBus(), generateKeyPair()]);
  const mongo = mongoClient(testEngines().mongodbUri);
  const database = `test_installation_${randomUUID().replaceAll("-", "")}`;
  db = mongo.db(database);
  base = {
    GRPC_PORT: "0",
    MONGODB_URI: testEngines().mongodbUri,
    MONGODB_DATABASE: database,
    NATS_URL: bus.url,
    INTERNAL_KEY: JSON.stringify(privateJwk),
    TRUSTED_KEYS: "{}",
    LOG_LEVEL: "error",
    ...required,
  };
  afterAll(async () => {
    await bus.stop();
    await db.dropDatabase();
    await mongo.close();
  });
});

/** One start and stop under an environment, with every source on the bus, and what is waited for between them. */
const run = async (
  variables: Record<string, string>,
  until = async (service: RunningService) => await service.caughtUp(),
): Promise<void> => {
  const config = loadServiceConfig(identityService, { ...base, ...variables });
  await everySource(config.NATS_URL);
  const service = await startService(identityService, config);
  await service.drained();
  await until(service);
  await service.stop();
};
const collections = ["tenants", "users", "roles", "apiKeys", "policies"] as const;
const versions = async () =>
  (
    await Promise.all(
      collections.map((name) =>
        db
          .collection<AggregateDocument<object>>(name)
          .find({}, { projection: { version: 1 } })
          .toArray(),
      ),
    )
  )
    .flat()
    .map(({ _id, version }) => `${_id} ${version}`)
    .toSorted();
const read = async <State>(collection: string, id: string): Promise<State> => {
  const found = await db.collection<AggregateDocument<State>>(collection).findOne({ _id: id } as never);
  if (found === null) throw new Error(`no ${id}`);
  return found.state as State;
};

describe("an installation", () => {
  it("without its variables begins with nothing", async () => {
    await run({});
    expect(await versions()).toEqual([]);
  });
  it("is made by the first start, and the next ones change nothing", async () => {
    await run(installation);
    const made = await versions();
    expect(made).toHaveLength(1 + 1 + 9 + 1 + 1);
    await run(installation);
    expect(await versions()).toEqual(made);
  });
  it("is one when two replicas start at the same moment", async () => {
    const together = { ...installation, SEED_TENANT: "twins", SEED_API_KEY: `kn_twins${"u".repeat(40)}` };
    await Promise.all([run(together), run(together)]);
    const users = db.collection<AggregateDocument<UserState>>("users");
    expect(await users.countDocuments({ tenant: tenantIdOf("twins") })).toBe(1);
  });
  it("gets the password, address and API key that its environment has next", async () => {
    const next = {
      ...installation,
      SEED_ADMIN_EMAIL: "root@demo.example",
      SEED_ADMIN_PASSWORD: "another orchard 8",
      SEED_API_KEY: otherKey,
    };
    await run(next);
    const user = await read<UserState>("users", userId);
    expect(user.email).toBe("root@demo.example");
    expect(await isPassword("another orchard 8", user.passwordHash)).toBe(true);
    const keys = (key: string) => read<ApiKeyState>("apiKeys", apiKeyIdOf(prefixOf(key)));
    expect((await keys(installation.SEED_API_KEY)).revokeTime).toBeDefined();
    expect((await keys(otherKey)).revokeTime).toBeUndefined();
    const after = await versions();
    await run(next);
    expect(await versions()).toEqual(after);
  });
  it("leaves a password alone that the administrator has chosen since", async () => {
    const users = db.collection<AggregateDocument<UserState>>("users");
    const { passwordHash } = await read<UserState>("users", firstUserId(tenantIdOf("twins")));
    await users.updateOne({ _id: userId }, { $set: { "state.passwordHash": passwordHash } });
    await run({
      ...installation,
      SEED_ADMIN_EMAIL: "root@demo.example",
      SEED_ADMIN_PASSWORD: "another orchard 8",
      SEED_API_KEY: otherKey,
    });
    expect((await read<UserState>("users", userId)).passwordHash).toBe(passwordHash);
  });
  it("has what this version grants its built-in roles, also when an older one made them", async () => {
    const roles = db.collection<AggregateDocument<RoleState>>("roles");
    const id = builtInRoleId(tenant, "viewer");
    const { grants } = await read<RoleState>("roles", id);
    await roles.updateOne({ _id: id }, { $set: { "state.grants": grants.slice(1) } });
    await run({});
    expect((await read<RoleState>("roles", id)).grants).toEqual(grants);
  });
  it("has the built-in roles that an older version did not know", async () => {
    const id = builtInRoleId(tenant, "marketing");
    const made = await read<RoleState>("roles", id);
    await db.collection<AggregateDocument<RoleState>>("roles").deleteOne({ _id: id });
    await db.collection<JournalRow>("journal").deleteMany({ aggregate: id });
    await run({});
    const { name, grants, ownerId, builtIn } = await read<RoleState>("roles", id);
    expect({ name, grants, ownerId, builtIn }).toEqual({
      name: made.name,
      grants: made.grants,
      ownerId: made.ownerId,
      builtIn: true,
    });
  });
});

describe("a change of rights", () => {
  it("that the bus has lost is heard of from the service's own journal", async () => {
    await run(installation);
    const elsewhere = newId("tenant");
    const now = new Date();
    await db.collection<JournalRow>("journal").insertOne({
      _id: randomUUID(),
      tenant: elsewhere,
      kind: "user",
      aggregate: newId("user"),
      type: "UserSessionsEnded",
      version: 2,
      index: 0,
      count: 1,
      at: now,
      recordedAt: now,
      actor: "user_li",
      data: new Binary(UserSessionsEnded.encode({ keptSessionId: "", endedBy: "user_li" }).finish()),
    });
    const emptyBus = await privateBus();
    await run({ ...installation, NATS_URL: emptyBus.url }, async () => {
      const policies = db.collection<AggregateDocument<PolicyState>>("policies");
      await expect.poll(() => policies.countDocuments({ tenant: elsewhere }), { timeout: 20_000 }).toBe(1);
    });
    await emptyBus.stop();
  });
});

describe("an environment", () => {
  it("that names a tenant and no administrator is refused, naming what is missing, not a secret", () => {
    const load = () => loadServiceConfig(identityService, { ...base, SEED_TENANT: "demo", SEED_API_KEY: "kn_short" });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/SEED_API_KEY: expected an API key/);
    expect(load).not.toThrow(/kn_short/);
    const incomplete = () => loadServiceConfig(identityService, { ...base, SEED_TENANT: "demo" });
    expect(incomplete).toThrow(/SEED_ADMIN_EMAIL[\s\S]*SEED_ADMIN_PASSWORD/);
  });
});
