import { mongoClient } from "@keynode/aggregate/mongo-client";
import { openStore } from "@keynode/aggregate/store";
import { createMinter } from "@keynode/auth/minter";
import { createVerifier } from "@keynode/auth/verifier";
import { AccessLogServiceService } from "@keynode/contracts/crm/chassis/v1/access_log_service";
import { DeadLetterServiceService } from "@keynode/contracts/crm/chassis/v1/dead_letter_service";
import { EventServiceService } from "@keynode/contracts/crm/chassis/v1/event_service";
import { JournalServiceService } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { ProjectionServiceService } from "@keynode/contracts/crm/chassis/v1/projection_service";
import { implement } from "@keynode/grpc/implement";
import { startGrpcServer } from "@keynode/grpc/server";
import { startSubscription } from "@keynode/messaging/consumer";
import { openDeadLetters } from "@keynode/messaging/dead-letter";
import { isConnectionLoss } from "@keynode/messaging/fault";
import { openJournal } from "@keynode/messaging/journal";
import { openProjectionRegistry } from "@keynode/messaging/projection-registry";
import { type Relay, startRelay } from "@keynode/messaging/relay";
import { ensureStream } from "@keynode/messaging/stream";
import { logger } from "@keynode/telemetry/logger";
import { startTelemetry } from "@keynode/telemetry/start-telemetry";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { listenForNotices } from "./access/bus-notices.ts";
import { customFields } from "./copies/custom-fields.ts";
import { openCustomValues } from "./fields/custom-values.ts";
import { openFields, takesFields } from "./fields/open-fields.ts";
import { openAccess, type ServiceAccess } from "./access/open-access.ts";
import { filterReadableBy } from "./access/readable-records.ts";
import { denialRecorder, readRecorder } from "./access-records.ts";
import { openAccessLog } from "./access-log.ts";
import { accessLogApi } from "./chassis/access-log-api.ts";
import { deadLetterApi, deadLetterIndexes } from "./chassis/dead-letter-api.ts";
import { journalApi } from "./chassis/journal-api.ts";
import { projectionApi } from "./chassis/projection-api.ts";
import { type AnyProjection, type Declared, declareProjection } from "./declared-projection.ts";
import { openConsistency } from "./consistency/consistency.ts";
import { awaitPublished, type Collections } from "./consistency/published.ts";
import { eventApi } from "./events/event-api.ts";
import { journalReader } from "./journal-reader.ts";
import { type LocalAccess, openPeers } from "./peers.ts";
import { watchPolicyVersions } from "./policy-versions.ts";
import { watchReadiness } from "./readiness.ts";
import { observeRelay } from "./relay-metrics.ts";
import type { AnyStore } from "./resources.ts";
import type { ServiceConfig, ServiceVariables } from "./service-config.ts";
import type { ServiceDefinition, ServiceTools } from "./service-definition.ts";
import { vocabularies as vocabularyCopy } from "./copies/vocabularies.ts";
import { openVocabularies, type OpenVocabularies } from "./vocabularies/open-vocabularies.ts";
import { takesVocabularies } from "./vocabularies/takes-vocabularies.ts";

/** A running service. */
export type RunningService = {
  /** Port of its gRPC server. */
  readonly port: number;
  /** Resolves when nothing this service recorded waits to be published. */
  drained(): Promise<void>;
  /** Resolves when every event published before this call was handled by this service's reactors and is in its copies. */
  caughtUp(): Promise<void>;
  /** Takes no new calls, finishes those in flight and the reactions in hand, then closes everything it opened. */
  stop(): Promise<void>;
};

/** Starts a service: database and bus first, then what moves events, then the server; ready when all of it is. */
export const startService = async <Variables extends ServiceVariables>(
  { name, errors, build }: ServiceDefinition<Variables>,
  config: ServiceConfig<Variables>,
): Promise<RunningService> => {
  const now = () => new Date();
  const log = logger({ name, level: config.LOG_LEVEL });
  const host = { now, log };
  const closing: (() => unknown)[] = [];
  const opened = <Opened>(value: Opened, close: (value: Opened) => unknown): Opened => {
    closing.unshift(() => close(value));
    return value;
  };

  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol } = config;
  const telemetry = await startTelemetry({
    serviceName: name,
    log,
    otlp: endpoint === undefined ? undefined : { endpoint, protocol },
  });
  opened(telemetry, ({ shutdown }) => shutdown());

  try {
    return await start();
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function start(): Promise<RunningService> {
    const mongo = opened(
      mongoClient(config.MONGODB_URI, { maxPoolSize: config.MONGODB_POOL_SIZE, appName: name }),
      (it) => it.close(),
    );
    await mongo.connect();
    const db = mongo.db(config.MONGODB_DATABASE);
    const journal = await openJournal(db, host);
    const accesses = opened(await openAccessLog(db, host), (it) => it.stop());
    const deadLetters = await openDeadLetters(db, host);
    await deadLetters.letters.createIndexes(deadLetterIndexes);

    const { kid } = config.INTERNAL_KEY;
    const mint = createMinter({ issuer: `service:${name}`, privateJwk: config.INTERNAL_KEY, keyId: kid });
    let guard: ServiceAccess | undefined;
    const access = (): LocalAccess => {
      if (guard === undefined) throw new Error("access is asked about once the service runs");
      return guard.local;
    };
    const peers = opened(
      openPeers({ name, addressOf: (peer) => addressOf(config, peer), mint, journal, accessLog: accesses, access }),
      (it) => it.close(),
    );
    const declared: Declared[] = [];
    const stores: AnyStore[] = [];
    let relay: Relay | undefined;
    const tools: ServiceTools = {
      name,
      db,
      journal,
      accesses,
      peers,
      log,
      now,
      store: (aggregate) => {
        const store = openStore(aggregate, {
          db,
          journal,
          now,
          fields: fields?.source,
          relay: { wake: (...record) => relay?.wake(...record) },
        });
        stores.push(store as never);
        return store;
      },
      projection: (definition) => {
        const { copy, start } = declareProjection(definition);
        declared.push(start);
        return copy;
      },
    };
    let vocabularies: OpenVocabularies | undefined;
    const fields = takesFields(name)
      ? openFields(
          tools.projection(customFields),
          () => {
            if (vocabularies === undefined) throw new Error("fields are asked for once the service runs");
            return vocabularies;
          },
          now,
        )
      : undefined;
    const { implementations, reactors = [], alarms = [], workers = [], prepare } = await build(tools, config);
    const kept = [...stores];
    const { notices, ...guarding } = (guard = openAccess(tools, kept, { handoverPollMs: config.HANDOVER_POLL_MS }));
    const values = fields && openCustomValues(tools, kept, fields, guarding.access);
    if (fields !== undefined || takesVocabularies(implementations)) {
      vocabularies = openVocabularies(tools.projection(vocabularyCopy), now);
    }
    await Promise.all(stores.map((store) => store.prepare()));

    const nats = opened(
      await connect({
        servers: config.NATS_URL,
        name,
        ...(config.NATS_USER !== undefined && { user: config.NATS_USER, pass: config.NATS_PASSWORD ?? "" }),
        maxReconnectAttempts: -1,
        waitOnFirstConnect: true,
        // A broker that says nothing any more is taken for lost within a minute.
        pingInterval: 20_000,
      }),
      (it) => it.drain(),
    );
    await ensureStream(await jetstreamManager(nats, { checkAPI: false }), name, host, config.NATS_REPLICAS);
    const sources = stores.map(({ aggregate }) => ({ collection: aggregate.collection, kind: aggregate.name }));
    relay = opened(await startRelay({ context: name, db, nats, journal, sources, host }), (it) => it.stop());
    opened(observeRelay(relay), (stop) => stop());

    await prepare?.();
    const readJournal = journalReader(name, journal, peers.readJournal);
    const consumer = { service: name, db, nats, deadLetters, readJournal, host };
    const registry = opened(openProjectionRegistry(db, host), (it) => it.stop());
    const projections = new Map<string, AnyProjection>();
    for (const startDeclared of declared) {
      const projection = opened(await startDeclared({ ...consumer, registry }), (it) => it.stop());
      projections.set(projection.name, projection);
    }
    const subscriptions = [...reactors, ...guarding.reactors, ...(values ? [values.reactor] : [])].map((reactor) =>
      opened(startSubscription({ ...reactor, ...consumer }), (it) => it.stop()),
    );
    for (const alarm of [...alarms, ...guarding.alarms, ...(values ? [values.alarm] : [])])
      opened(await alarm(name, host), (it) => it.stop());

    for (const heard of [
      notices,
      ...(vocabularies ? [vocabularies.notices] : []),
      ...(fields ? [fields.notices] : []),
    ]) {
      opened(listenForNotices(nats, heard), (it) => it.stop());
    }
    for (const worker of workers) opened(worker(host), (it) => it.stop());

    const policyVersions = opened(watchPolicyVersions(nats, host), (it) => it.stop());
    const collections = new Map(
      stores.map(({ aggregate, collection }) => [aggregate.name, collection]),
    ) as unknown as Collections;
    const onSensitiveRead = readRecorder(accesses);
    const server = await startGrpcServer({
      host: config.GRPC_HOST,
      port: config.GRPC_PORT,
      implementations: [
        ...implementations,
        ...guarding.implementations,
        ...(values ? [values.implementation] : []),
        implement(JournalServiceService, journalApi(name, journal, collections)),
        implement(EventServiceService, eventApi(name, { journal, now, onSensitiveRead, fields: fields?.source })),
        implement(AccessLogServiceService, accessLogApi(accesses)),
        implement(DeadLetterServiceService, deadLetterApi(name, deadLetters)),
        implement(ProjectionServiceService, projectionApi(name, projections, log)),
      ],
      errors,
      verify: createVerifier({
        audience: name,
        trustedKeys: config.TRUSTED_KEYS,
        minimumPolicyVersion: policyVersions.minimum,
      }),
      consistency: openConsistency({
        service: name,
        copies: [...projections.values()],
        awaitChanges: (peer, tenant, changes, signal) =>
          peer === name
            ? awaitPublished(collections, tenant, changes, signal)
            : peers.awaitChanges(peer, tenant, changes, signal),
        now,
        log,
      }),
      access: guarding.access,
      filterReadable: filterReadableBy(peers),
      vocabularies,
      onDenied: denialRecorder(accesses),
      onSensitiveRead,
      fields: fields?.source,
      isStoreAway: isConnectionLoss,
      log,
    });
    opened(server, (it) => it.drain(config.DRAIN_MS));
    opened(watchReadiness({ db, nats, log, setServing: server.setServing }), (it) => it.stop());
    log.info({ port: server.port }, "ready");

    const relaying = relay;
    return {
      port: server.port,
      drained: () => relaying.drained(),
      caughtUp: async () => {
        await Promise.all([...projections.values(), ...subscriptions].map((consumed) => consumed.caughtUp()));
      },
      stop: closeAll,
    };
  }

  async function closeAll(): Promise<void> {
    for (const close of closing.splice(0)) {
      try {
        await close();
      } catch (error) {
        log.warn({ err: error }, "not closed cleanly");
      }
    }
  }
};

const addressOf = ({ UPSTREAMS, UPSTREAM_TEMPLATE }: ServiceConfig, service: string): string =>
  UPSTREAMS[service] ?? UPSTREAM_TEMPLATE.replace("{service}", service);
