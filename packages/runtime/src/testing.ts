import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { derivedId, newId } from "@keynode/aggregate/type-id";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { createMinter, type Mint } from "@keynode/auth/minter";
import { isServiceActor, type Principal } from "@keynode/auth/principal";
import type { Environment } from "@keynode/config/load-config";
import { CustomField, type DeepPartial } from "@keynode/contracts/crm/identity/v1/custom_field";
import { CustomFieldCreated } from "@keynode/contracts/crm/identity/v1/custom_field_events";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { TeamCreated } from "@keynode/contracts/crm/identity/v1/team_events";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserCreated } from "@keynode/contracts/crm/identity/v1/user_events";
import { registry } from "@keynode/contracts/descriptors";
import { openPassage, type Passage } from "@keynode/engines/passage";
import { privateBus, testEngines } from "@keynode/engines/testing";
import { type GrpcClient, grpcClient } from "@keynode/grpc/client";
import type { ServiceDefinition as RpcDefinition } from "@keynode/grpc/implement";
import { toBusMessage } from "@keynode/messaging/cloud-event";
import type { JournalRow } from "@keynode/messaging/entry";
import type { Host } from "@keynode/messaging/host";
import type { MessageCodec, Recorded } from "@keynode/messaging/recorded";
import { ensureStream } from "@keynode/messaging/stream";
import { streamName } from "@keynode/messaging/subject";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { Db } from "mongodb";
import { afterAll } from "vitest";
import { loadServiceConfig, type ServiceVariables } from "./service-config.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { type RunningService, startService } from "./start-service.ts";

/** Another service's event, for tests: only what matters to the test need be given. */
export type ForeignEvent<Message extends object> = Partial<Omit<Recorded, "type" | "context" | "data">> & {
  readonly context: string;
  readonly type: string;
  readonly codec: MessageCodec<Message>;
  readonly message: Message;
};

/** A service under test, on a database and a bus of its own. */
export type ServiceUnderTest = {
  readonly db: Db;
  readonly service: RunningService;
  /** The tenant of the default caller and of foreign events. */
  readonly tenant: string;
  /** The default caller: may do everything in its tenant. */
  readonly admin: Principal;
  /** A client of one of its rpc services, calling as `principal`. */
  client<const Definition extends RpcDefinition>(
    definition: Definition,
    principal?: Partial<Principal>,
  ): GrpcClient<Definition>;
  /** A foreign event with everything filled in; publish it once, again, or in any order. */
  event<Message extends object>(event: ForeignEvent<Message>): Recorded;
  /** Puts events on the bus as they are, duplicates too, and waits until the service has handled them. */
  publish(...events: readonly Recorded[]): Promise<void>;
  /** A user of the tenant whom the service has heard of: one to whom records may be given. */
  user(user?: Partial<User>): Promise<string>;
  /** A team of the tenant that the service has heard of. */
  team(team?: Partial<Team>): Promise<string>;
  /** How many messages the bus holds under a subject of a context, around any outage of the service's own way to it. */
  published(context: string, subject: string): Promise<number>;
  /** A custom field of the tenant's that the service has heard of; a higher `version` changes it. */
  field(field: DeepPartial<CustomField>, version?: number): Promise<CustomField>;
  /** What the service has recorded about a record, oldest first. */
  recorded(recordId: string): Promise<JournalRow[]>;
};

const host: Host = {
  now: () => new Date(),
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
};

/** Consumers wait for a source that has no stream: has every source be on a bus, as one that has published nothing. */
export const everySource = async (natsUrl: string): Promise<void> => {
  const nats = await connect({ servers: natsUrl });
  const manager = await jetstreamManager(nats);
  for (const context of contexts()) await ensureStream(manager, context, host);
  await nats.close();
};

/** Every context that has a contract. */
const contexts = (): ReadonlySet<string> =>
  new Set(
    [...registry().files].flatMap(
      ({ proto }) => /^crm\.(?!chassis|options)([a-z]+)\.v1$/.exec(proto.package)?.[1] ?? [],
    ),
  );

/** The services, besides the one under test, that its tests may call as. */
const callingServices = ["service:gateway", "service:platform", "service:identity"] as const;

/** The ways that a service under test takes to its engines; by default none but the straight ones. */
export type Ways = {
  readonly mongodbUri: (uri: string) => Promise<string>;
  readonly natsUrl: (url: string) => Promise<string>;
};

/** Ways that a test can close and open again. */
export type ClosableWays = Ways & {
  /** Those to the database and to the bus, once the service has started. */
  readonly passages: () => { readonly database: Passage; readonly bus: Passage };
};

/** `mongodbOptions` go into the database's URI: an outage need not last as long as the time-outs of production. */
export const closableWays = (mongodbOptions: string): ClosableWays => {
  let [database, bus]: [Passage?, Passage?] = [];
  return {
    mongodbUri: async (uri) => {
      const { url } = (database = await openPassage(uri));
      return `${url}${url.includes("?") ? "&" : "?"}${mongodbOptions}`;
    },
    natsUrl: async (url) => (bus = await openPassage(url)).url,
    passages: () => {
      if (database === undefined || bus === undefined) throw new Error("the service has not been started");
      return { database, bus };
    },
  };
};

/**
 * Starts a service for the tests of a file; it is stopped when they are through. `variables` are those that the service
 * adds to the common ones. Call it in `beforeAll`.
 */
export const startForTest = async <Variables extends ServiceVariables>(
  definition: ServiceDefinition<Variables>,
  variables: Environment = {},
  ways?: Ways,
): Promise<ServiceUnderTest> => {
  const bus = await privateBus();
  const [callerKey, serviceKey] = await Promise.all([generateKeyPair(), generateKeyPair()]);
  const issuers = ["gateway", ...callingServices] as const;
  const database = `test_${definition.name}_${randomUUID().replaceAll("-", "")}`;
  const mongo = mongoClient(testEngines().mongodbUri);
  const db = mongo.db(database);
  const service = await startService(
    definition,
    loadServiceConfig(definition, {
      GRPC_PORT: "0",
      MONGODB_URI: (await ways?.mongodbUri(testEngines().mongodbUri)) ?? testEngines().mongodbUri,
      MONGODB_DATABASE: database,
      NATS_URL: (await ways?.natsUrl(bus.url)) ?? bus.url,
      INTERNAL_KEY: JSON.stringify(serviceKey.privateJwk),
      TRUSTED_KEYS: JSON.stringify(Object.fromEntries(issuers.map((issuer) => [issuer, [callerKey.publicJwk]]))),
      LOG_LEVEL: "error",
      ...variables,
    }),
  );
  const nats = await connect({ servers: bus.url });
  const stream = jetstream(nats);
  const manager = await jetstreamManager(nats);
  await everySource(bus.url);
  const { privateJwk, keyId } = callerKey;
  const minters = new Map<string, Mint>(issuers.map((issuer) => [issuer, createMinter({ issuer, privateJwk, keyId })]));
  const mint = async (caller: Principal): Promise<string> => {
    const speaker = minters.get(isServiceActor(caller.actor) ? caller.actor : "gateway");
    if (speaker === undefined) throw new Error(`tests do not call as ${caller.actor}`);
    return await speaker(caller, definition.name);
  };
  const admin: Principal = {
    tenant: newId("tenant"),
    actor: newId("user"),
    roles: ["admin"],
    teams: [newId("team")],
    grants: { "*": "all" },
    policyVersion: 1,
  };
  const clients: { close: () => void }[] = [];

  afterAll(async () => {
    for (const client of clients) client.close();
    await service.stop();
    await nats.close();
    await bus.stop();
    await db.dropDatabase();
    await mongo.close();
  });

  const event: ServiceUnderTest["event"] = ({ codec, message, ...given }) => ({
    id: randomUUID(),
    tenant: admin.tenant,
    kind: given.context,
    recordId: newId(given.context),
    version: 1,
    index: 0,
    count: 1,
    at: host.now(),
    actor: admin.actor,
    ...given,
    data: codec.encode(message).finish(),
  });
  const publish: ServiceUnderTest["publish"] = async (...events) => {
    for (const each of events) {
      const { subject, headers, data } = toBusMessage(each);
      // A message id of its own: the broker must not drop a duplicate that the test wants delivered.
      headers.set("Nats-Msg-Id", randomUUID());
      await stream.publish(subject, data, { headers });
    }
    await service.caughtUp();
  };

  return {
    db,
    service,
    tenant: admin.tenant,
    admin,
    client: (rpcs, principal = {}) => {
      const caller = { ...admin, ...principal };
      const client = grpcClient(rpcs, {
        address: `127.0.0.1:${service.port}`,
        token: () => mint(caller),
        deadlineMs: 10_000,
      });
      clients.push(client);
      return client;
    },
    event,
    publish,
    user: async (given = {}) => {
      const id = given.id ?? newId("user");
      const user = User.fromPartial({ active: true, ...given, id, ownerId: id });
      const message = UserCreated.fromPartial({ user, snapshot: user });
      const made = { context: "identity", kind: "user", type: "UserCreated", recordId: id } as const;
      await publish(event({ ...made, codec: UserCreated, message }));
      return id;
    },
    team: async (given = {}) => {
      const id = given.id ?? newId("team");
      const team = Team.fromPartial({ ...given, id, teamId: id });
      const message = TeamCreated.fromPartial({ team, snapshot: team });
      const made = { context: "identity", kind: "team", type: "TeamCreated", recordId: id } as const;
      await publish(event({ ...made, codec: TeamCreated, message }));
      return id;
    },
    published: async (context, subject) => {
      const { state } = await manager.streams.info(streamName(context), { subjects_filter: subject });
      return state.subjects?.[subject] ?? 0;
    },
    field: async (given, version = 1) => {
      const id = derivedId("customfield", admin.tenant, given.collection ?? "", given.key ?? "");
      const named = { kind: "TEXT", displayName: { en: given.key ?? "" } } as const;
      const customField = CustomField.fromPartial({ ...named, ...given, id });
      const message = CustomFieldCreated.fromPartial({ customField, snapshot: customField });
      const made = { context: "identity", kind: "customfield", type: "CustomFieldCreated", recordId: id } as const;
      await publish(event({ ...made, version, codec: CustomFieldCreated, message }));
      return customField;
    },
    recorded: async (recordId) => {
      await service.drained();
      return await db
        .collection<JournalRow>("journal")
        .find({ tenant: admin.tenant, aggregate: recordId })
        .sort({ version: 1, index: 1 })
        .toArray();
    },
  };
};
