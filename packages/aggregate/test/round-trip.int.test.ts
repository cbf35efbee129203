import { randomUUID } from "node:crypto";
import { openRecords } from "@keynode/aggregate/records";
import { testDatabase } from "@keynode/aggregate/testing";
import type { AggregateDocument } from "@keynode/messaging/entry";
import fc from "fast-check";
import type { Collection, Db } from "mongodb";
import { beforeAll, describe, expect, it } from "vitest";
import { codecOf, messages, resourceTypes } from "./messages.ts";

type Document = AggregateDocument<object>;

/** Written together: a document's way does not depend on its neighbours. */
const groupSize = 20;

let db: Db;

beforeAll(async () => {
  db = await testDatabase("roundtrip");
});

/** States as they come back after one write that makes the record and one that changes it, together with others or alone. */
const stored = async (collection: Collection<Document>, states: readonly object[]): Promise<object[]> => {
  const tenant = randomUUID();
  const records = openRecords<object>(collection, { holds: async () => new Set() });
  const written = (state: object, at: number, version: number) => ({
    _id: `${tenant}-${at}`,
    tenant,
    version,
    state,
    outbox: [],
    relayAt: new Date(),
  });
  await Promise.all(states.map((state, at) => records.insert(written(state, at, 1), "grouped")));
  const inserted = await statesOf(collection, tenant);
  expect(inserted).toEqual(states);
  const outcomes = await Promise.all(
    states.map((state, at) =>
      records.update({ from: 1, to: written(states.at(at - 1) ?? state, at, 2) }, at % 4 === 0 ? "alone" : "grouped"),
    ),
  );
  expect(outcomes).toEqual(states.map(() => "written"));
  return await statesOf(collection, tenant);
};

const statesOf = async (collection: Collection<Document>, tenant: string): Promise<object[]> => {
  const found = await collection.find({ tenant }).toArray();
  const numbered = found.map(({ _id, state }) => ({ at: Number(_id.slice(tenant.length + 1)), state }));
  return numbered.sort((a, b) => a.at - b.at).map(({ state }) => state);
};

describe("the state of every resource survives the engine unchanged", () => {
  it.each(resourceTypes().map((type) => [type.typeName, type] as const))("%s", async (typeName, type) => {
    const codec = await codecOf(type);
    const collection = db.collection<Document>(typeName.replaceAll(".", "_"));
    await fc.assert(
      fc.asyncProperty(fc.array(messages(type), { minLength: groupSize, maxLength: groupSize }), async (states) => {
        const read = await stored(collection, states);
        const last = [...states.slice(-1), ...states.slice(0, -1)];
        expect(read).toEqual(last);
        // On the wire, too, nothing was lost.
        expect(read.map((state) => bytesOf(codec, state))).toEqual(last.map((state) => bytesOf(codec, state)));
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });
});

const bytesOf = (codec: Awaited<ReturnType<typeof codecOf>>, state: object): string =>
  Buffer.from(codec.encode(state).finish()).toString("base64");
