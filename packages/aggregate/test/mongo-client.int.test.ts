import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { testEngines } from "@keynode/engines/testing";
import { isConnectionLoss } from "@keynode/messaging/fault";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mongoClient } from "../src/mongo-client.ts";

const opened = new Set<Socket>();
const note = (message: unknown): void => void opened.add((message as { socket: Socket }).socket);
const client = mongoClient(testEngines().mongodbUri);
const rows = client.db("mongo_client_test").collection("rows");

beforeAll(async () => {
  channel("net.client.socket").subscribe(note);
  await client.connect();
});

afterAll(async () => {
  channel("net.client.socket").unsubscribe(note);
  await client.close();
});

/** Breaks every connection, as the system does when the other side is gone: streams go first, events follow later. */
const breakAll = (): void => {
  for (const socket of opened) socket.destroy();
  opened.clear();
};

describe("a command that meets a connection on its way down", () => {
  it.each([
    ["a write", () => rows.insertOne({})],
    ["a group of writes", () => rows.bulkWrite([{ insertOne: { document: {} } }, { insertOne: { document: {} } }])],
  ])("%s: its caller is told, since it may have happened", async (_what, command) => {
    await rows.findOne({});
    breakAll();
    const error: unknown = await command().catch((fault: unknown) => fault);
    expect([String(error), isConnectionLoss(error)]).toEqual([expect.any(String), true]);
  });

  it("a read: it is sent again over another", async () => {
    await rows.insertOne({ _id: "there" as never });
    breakAll();
    await expect(rows.findOne({ _id: "there" as never })).resolves.toEqual({ _id: "there" });
  });
});
