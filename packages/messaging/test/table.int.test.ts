import fc from "fast-check";
import type { Collection } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kept, openTable } from "../src/table.ts";
import { openService, type TestService } from "./support.ts";

type Row = { readonly value: string };

let service: TestService;
let tables = 0;

beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

const newRows = (): Collection<Kept<Row>> => service.db.collection(`rows${tables++}`);

test("whatever the order, the repeats and the races, the highest version stays", async () => {
  const write = fc.record({
    id: fc.constantFrom("a", "b", "c"),
    version: fc.integer({ min: 1, max: 6 }),
    bury: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 30 }), async (writes) => {
      const rows = newRows();
      // Two replicas write to the same table; a version of a record is always the same fact.
      const replicas = [openTable(rows), openTable(rows)] as const;
      const isBuried = (id: string, version: number): boolean =>
        writes.find((other) => other.id === id && other.version === version)?.bury ?? false;
      await Promise.all(
        writes.map(({ id, version }, at) => {
          const place = { id, tenant: "t1", version };
          const table = replicas[at % 2] ?? replicas[0];
          return isBuried(id, version) ? table.bury(place) : table.keep(place, { value: `${id}${version}` });
        }),
      );
      const expected = [...Map.groupBy(writes, ({ id }) => id)].map(([id, its]) => {
        const version = Math.max(...its.map((each) => each.version));
        const fields = isBuried(id, version) ? { deleted: true } : { value: `${id}${version}` };
        return { _id: id, tenant: "t1", version, ...fields };
      });
      const stored = await rows.find().sort({ _id: 1 }).toArray();
      expect(stored).toEqual(expected.toSorted((one, other) => (one._id < other._id ? -1 : 1)));
      await rows.drop();
    }),
    { numRuns: 25 },
  );
});

test("a late event does not bring back what was deleted", async () => {
  const table = openTable(newRows());
  await table.bury({ id: "a", tenant: "t1", version: 2 });
  await table.keep({ id: "a", tenant: "t1", version: 1 }, { value: "late" });
  expect(await table.rows.findOne()).toEqual({ _id: "a", tenant: "t1", version: 2, deleted: true });
});

test("a row that cannot be stored fails alone", async () => {
  const table = openTable(newRows());
  const tooLarge = "x".repeat(17 * 1024 * 1024);
  const outcomes = await Promise.allSettled([
    table.keep({ id: "a", tenant: "t1", version: 1 }, { value: "fits" }),
    table.keep({ id: "b", tenant: "t1", version: 1 }, { value: tooLarge }),
    table.keep({ id: "c", tenant: "t1", version: 1 }, { value: "fits" }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
