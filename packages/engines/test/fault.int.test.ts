import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engines } from "../src/resolve.ts";
import { privateEngines } from "../src/testing.ts";

const PATIENCE = { timeout: 20_000 };

let engines: Engines;
beforeAll(async () => {
  engines = await privateEngines();
});
afterAll(() => engines.stop());

test("a write acknowledged before the database is killed is there after its start at the same address", async () => {
  const before = engines.mongo.url;
  const acknowledged: number[] = [];
  const writer = await MongoClient.connect(before, { serverSelectionTimeoutMS: 500 });
  const rows = writer.db("fault").collection<{ _id: number }>("rows");
  const writing = Promise.allSettled(
    Array.from({ length: 4 }, async (_, lane) => {
      for (let n = lane; n < 100_000; n += 4) {
        await rows.insertOne({ _id: n });
        acknowledged.push(n);
      }
    }),
  );
  await expect.poll(() => acknowledged.length, PATIENCE).toBeGreaterThan(100);
  await engines.mongo.kill();
  await writing;
  await writer.close();
  await engines.mongo.start();

  expect(engines.mongo.url).toBe(before);
  const reader = await MongoClient.connect(engines.mongo.url);
  const kept = await reader.db("fault").collection<{ _id: number }>("rows").distinct("_id");
  await reader.close();
  expect(kept).toEqual(expect.arrayContaining(acknowledged));
});

test("a message acknowledged before the bus is killed is there after its start, and its clients come back", async () => {
  const bus = await connect({ servers: engines.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const manager = await jetstreamManager(bus, { timeout: 500 });
  await manager.streams.add({ name: "FAULT", subjects: ["fault.>"] });
  const stream = jetstream(bus);
  let acknowledged = 0;
  const writing = (async () => {
    for (;;) {
      await stream.publish("fault.x", "payload", { timeout: 1000 });
      acknowledged += 1;
    }
  })().catch(() => {});
  await expect.poll(() => acknowledged, PATIENCE).toBeGreaterThan(50);
  await engines.nats.kill();
  await writing;
  const atKill = acknowledged;
  await engines.nats.start();
  await expect
    .poll(async () => (await manager.streams.info("FAULT").catch(() => undefined))?.state.messages ?? 0, PATIENCE)
    .toBeGreaterThanOrEqual(atKill);
  await bus.close();
});
