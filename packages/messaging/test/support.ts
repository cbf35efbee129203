import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { testEngines } from "@keynode/engines/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Binary, type Db, MongoClient } from "mongodb";
import { v7 as uuidv7 } from "uuid";
import { onTestFinished } from "vitest";
import type { JournaledEvent, JournalReader, SubscriptionHost } from "../src/consumer.ts";
import { openDeadLetters } from "../src/dead-letter.ts";
import type { AggregateDocument, OutboxEntry } from "../src/entry.ts";
import { type Journal, openJournal, recordedRow } from "../src/journal.ts";
import { relayDueAt } from "../src/outbox.ts";
import { startRelay, type Relay, type RelayOptions } from "../src/relay.ts";
import type { Recorded } from "../src/recorded.ts";
import { streamName } from "../src/subject.ts";
import { mongoOptions, recordKind, recordsCollection, type TestHost, testHost } from "./test-host.ts";

/** A service of one test: its database, its context and so its stream are its own. */
export type TestService = {
  readonly context: string;
  readonly db: Db;
  readonly nats: NatsConnection;
  readonly natsUrl: string;
  readonly host: TestHost;
  readonly journal: Journal;
  /** What a subscription of this service needs; journals are read from the services given. */
  subscribing(...sources: readonly TestService[]): Promise<SubscriptionHost>;
  relay(options?: Partial<RelayOptions>): Promise<Relay>;
  /** Stores a record with these entries in its outbox. */
  insert(id: string, entries: readonly OutboxEntry[], tenant?: string): Promise<void>;
  /** Commits one more event to a record, as `execute` does. */
  commit(id: string, entry: OutboxEntry): Promise<void>;
  outboxOf(id: string): Promise<readonly OutboxEntry[] | undefined>;
  readonly records: ReturnType<Db["collection"]>;
  close(): Promise<void>;
};

export const openService = async (natsUrl = testEngines().natsUrl): Promise<TestService> => {
  const context = `t${randomUUID().slice(0, 8)}`;
  const client = await new MongoClient(testEngines().mongodbUri, mongoOptions).connect();
  const db = client.db(`messaging_${context}`);
  const nats = await connect({ servers: natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const host = testHost();
  const journal = await openJournal(db, host);
  const records = db.collection<AggregateDocument<object>>(recordsCollection);
  return {
    context,
    db,
    nats,
    natsUrl,
    host,
    journal,
    records: db.collection(recordsCollection),
    subscribing: async (...sources) => ({
      service: context,
      db,
      nats,
      host,
      deadLetters: await openDeadLetters(db, host),
      readJournal: journalsOf(sources),
    }),
    relay: (options) =>
      startRelay({
        context,
        db,
        nats,
        journal,
        host,
        sources: [{ collection: recordsCollection, kind: recordKind }],
        ...options,
      }),
    insert: async (id, entries, tenant = "t1") => {
      await records.insertOne({
        _id: id,
        tenant,
        version: entries.at(-1)?.version ?? 0,
        state: {},
        outbox: [...entries],
        relayAt: relayDueAt(host.now()),
      });
    },
    commit: async (id, entry) => {
      await records.updateOne(
        { _id: id },
        { $set: { version: entry.version, relayAt: relayDueAt(host.now()) }, $push: { outbox: entry } },
      );
    },
    outboxOf: async (id) => (await records.findOne({ _id: id }))?.outbox,
    close: async () => {
      const manager = await jetstreamManager(nats, { checkAPI: false });
      await manager.streams.delete(streamName(context)).catch(() => undefined);
      await nats.close();
      await db.dropDatabase();
      await client.close();
    },
  };
};

/** Reads the journals of services in this process, as the chassis rpc does of those elsewhere. */
export const journalsOf = (sources: readonly TestService[]): JournalReader =>
  async function* (context, scan): AsyncGenerator<JournaledEvent> {
    const source = sources.find((service) => service.context === context);
    if (!source) throw new Error(`no journal of ${context}`);
    for await (const row of source.journal.scan(scan))
      yield { ...recordedRow(context, row), recordedAt: row.recordedAt };
  };

export const entry = (version: number, changes: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id: uuidv7(),
  type: "LeadCaptured",
  version,
  index: 0,
  count: 1,
  at: new Date(),
  actor: "user_1",
  data: new Binary(new TextEncoder().encode(`v${version}`)),
  ...changes,
});

export const collected = async <Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** A handler that remembers what it was given, in order. */
export const recorder = (): { readonly events: Recorded[]; readonly handle: (event: Recorded) => Promise<void> } => {
  const events: Recorded[] = [];
  return {
    events,
    handle: async (event) => {
      events.push(event);
    },
  };
};

/** A program beside this file, in a process of its own; it is killed at the end of the test at the latest. */
export const forked = (program: string, args: readonly string[]): ChildProcess => {
  const child = fork(new URL(program, import.meta.url), [...args], {
    execArgv: ["--conditions=source"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
};

/** All messages of a context's stream, in order, as `id`s. */
export const publishedIds = async (service: TestService): Promise<readonly string[]> => {
  const manager = await jetstreamManager(service.nats, { checkAPI: false });
  const { state } = await manager.streams.info(streamName(service.context));
  const ids: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage(streamName(service.context), { seq });
    if (message) ids.push(message.header.get("ce-id"));
  }
  return ids;
};
