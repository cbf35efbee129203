import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testEngines } from "../src/testing.ts";

const client = new MongoClient(testEngines().mongodbUri);
const database = client.db(`expiry_${randomUUID().slice(0, 8)}`);

beforeAll(() => client.connect());
afterAll(async () => {
  await database.dropDatabase();
  await client.close();
});

// MongoDB looks once a minute.
test("documents past their time are removed, others stay", { timeout: 150_000 }, async () => {
  const rows = database.collection<{ _id: string; expireAt: Date }>("rows");
  await rows.createIndex({ expireAt: 1 }, { expireAfterSeconds: 0 });
  await rows.insertMany([
    { _id: "past", expireAt: new Date(Date.now() - 1000) },
    { _id: "future", expireAt: new Date(Date.now() + 3_600_000) },
  ]);
  await expect
    .poll(async () => (await rows.find().toArray()).map(({ _id }) => _id), { timeout: 140_000, interval: 1000 })
    .toEqual(["future"]);
});
