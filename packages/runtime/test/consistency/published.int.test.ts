import { testDatabase } from "@keynode/aggregate/testing";
import { newId } from "@keynode/aggregate/type-id";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection } from "mongodb";
import { beforeAll, expect, test } from "vitest";
import { awaitPublished, type Collections } from "../../src/consistency/published.ts";

const tenant = "tenant_1";
let leads: Collection<AggregateDocument<unknown>>;
let collections: Collections;

beforeAll(async () => {
  const db = await testDatabase("published");
  leads = db.collection<AggregateDocument<unknown>>("leads");
  collections = new Map([["lead", leads]]);
});

const at = new Date("2026-03-01T10:00:00Z");
const stored = async (version: number, waiting: readonly number[], owner = tenant): Promise<string> => {
  const id = newId("lead");
  const outbox = waiting.map((each) => ({ id: newId("event"), version: each, at })) as never[];
  await leads.insertOne({
    _id: id,
    tenant: owner,
    version,
    state: {},
    outbox,
    ...(waiting.length > 0 && { relayAt: at }),
  });
  return id;
};
const published = (id: string, version: number) =>
  awaitPublished(collections, tenant, [{ service: "lead", id, version }], AbortSignal.timeout(60));

test("a commit is published once its events have left the record, whatever waits behind it", async () => {
  expect(await published(await stored(3, []), 3)).toBe(true);
  expect(await published(await stored(4, [4]), 3)).toBe(true);
  expect(await published(await stored(4, [3, 4]), 3)).toBe(false);
});

test("a version that the record has not come to is not published", async () => {
  expect(await published(await stored(2, []), 3)).toBe(false);
});

test("there is nothing to wait for of a record that is not there, another tenant's, or of another kind", async () => {
  expect(await published(newId("lead"), 1)).toBe(true);
  expect(await published(await stored(1, [1], "tenant_2"), 1)).toBe(true);
  expect(await published(newId("account"), 1)).toBe(true);
});

test("it is told as soon as the relay is through", async () => {
  const id = await stored(1, [1]);
  const waiting = awaitPublished(
    collections,
    tenant,
    [{ service: "lead", id, version: 1 }],
    AbortSignal.timeout(10_000),
  );
  await leads.updateOne({ _id: id }, { $set: { outbox: [] }, $unset: { relayAt: "" } });
  expect(await waiting).toBe(true);
});

test("what a tenant committed by an instant is published when none of its records holds an event of before", async () => {
  await leads.deleteMany({});
  const by = (committedBy: Date) =>
    awaitPublished(collections, tenant, [{ service: "lead", committedBy }], AbortSignal.timeout(60));
  await stored(1, [1], "tenant_2");
  expect(await by(at)).toBe(true);
  await stored(1, [1]);
  expect(await by(new Date(at.getTime() - 1))).toBe(true);
  expect(await by(at)).toBe(false);
});
