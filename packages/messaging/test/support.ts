import { randomUUID } from "node:crypto";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { jetstreamManager } from "@nats-io/jetstream";
import { Binary, type Db, MongoClient } from "mongodb";
import { v7 as uuidv7 } from "uuid";
import type { AggregateDocument, OutboxEntry } from "../src/entry.ts";
import type { Host, Log } from "../src/host.ts";
import { relayDueAt } from "../src/outbox.ts";
import { streamName } from "../src/subject.ts";

export const mongoUri = process.env.MONGODB_URI ?? "mongodb://127.0.0.1:27117/";
export const natsUrl = process.env.NATS_URL ?? "nats://127.0.0.1:4333";

export type LogLine = { level: keyof Log; message: string; fields: object };

/** A host whose log can be looked at. */
export const testHost = (): Host & { lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const at = (level: keyof Log) => (fields: object, message: string) => void lines.push({ level, message, fields });
  return {
    now: () => new Date(),
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    lines,
  };
};

export type Bench = {
  readonly db: Db;
  readonly nats: NatsConnection;
  /** A context of this test's own, so that its stream is too. */
  readonly context: string;
  readonly close: () => Promise<void>;
};

/** A database, a bus connection and a context that no other test uses; `close` removes all of it. */
export const openBench = async (url = natsUrl): Promise<Bench> => {
  const context = `t${randomUUID().slice(0, 8)}`;
  const client = await openMongo();
  const db = client.db(`messaging_${context}`);
  const nats = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  return {
    ...{ db, nats, context },
    close: async () => {
      const manager = await jetstreamManager(nats, { checkAPI: false });
      await manager.streams.delete(streamName(context)).catch(() => undefined);
      await nats.close();
      await db.dropDatabase();
      await client.close();
    },
  };
};

export const openMongo = async (): Promise<MongoClient> =>
  await new MongoClient(mongoUri, { retryWrites: false, useBigInt64: true, ignoreUndefined: true }).connect();

export const outboxEntry = (version: number, entry: Partial<OutboxEntry> = {}): OutboxEntry => ({
  ...{ id: uuidv7(), type: "LeadCaptured", version, index: 0, count: 1, at: new Date(), actor: "user_1" },
  data: new Binary(new TextEncoder().encode(`v${version}`)),
  ...entry,
});

export const aggregate = (id: string, entries: OutboxEntry[], tenant = "t1"): AggregateDocument<object> => ({
  ...{ _id: id, tenant, version: entries.at(-1)?.version ?? 0, state: {}, outbox: entries },
  relayAt: relayDueAt(new Date()),
});

/** Commits one more event to a record, as `execute` does. */
export const commit = async (db: Db, collection: string, id: string, entry: OutboxEntry): Promise<void> => {
  await db
    .collection<AggregateDocument<object>>(collection)
    .updateOne(
      { _id: id },
      { $set: { version: entry.version, relayAt: relayDueAt(new Date()) }, $push: { outbox: entry } },
    );
};
