import { connect } from "@nats-io/transport-node";
import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { testEngines } from "../src/testing.ts";

test("a test run has a database and a bus", async () => {
  const { mongodbUri, natsUrl } = testEngines();
  const mongo = await MongoClient.connect(mongodbUri);
  const bus = await connect({ servers: natsUrl });
  try {
    expect(await mongo.db("admin").command({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(bus.info?.jetstream).toBe(true);
  } finally {
    await bus.close();
    await mongo.close();
  }
});
