import type { Collection } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gatheredFind } from "../src/gathered-find.ts";
import { openService, type TestService } from "./support.ts";

type Row = { _id: string; tenant: string; value: number };

let service: TestService;
let rows: Collection<Row>;

beforeAll(async () => {
  service = await openService();
  rows = service.db.collection("found");
  await rows.insertMany(
    Array.from({ length: 250 }, (_, value) => ({
      _id: `row${value}`,
      tenant: value % 2 === 0 ? "even" : "odd",
      value,
    })),
  );
});
afterAll(() => service.close());

test("each finds its own row, the same one for those that ask for the same", async () => {
  const find = gatheredFind(rows);
  const asked = Array.from({ length: 300 }, (_, turn) => (turn * 7) % 250);
  const found = await Promise.all(
    asked.map((value) => find({ id: `row${value}`, tenant: value % 2 === 0 ? "even" : "odd" })),
  );
  expect(found.map((row) => row?.value)).toEqual(asked);
});

test("a row of another tenant is not found, whoever asks beside", async () => {
  const find = gatheredFind(rows);
  const found = await Promise.all([
    find({ id: "row1", tenant: "even" }),
    find({ id: "row1", tenant: "odd" }),
    find({ id: "row2", tenant: "odd" }),
    find({ id: "nowhere", tenant: "odd" }),
  ]);
  expect(found.map((row) => row?.value)).toEqual([undefined, 1, undefined, undefined]);
});

test("what was written before the question is seen", async () => {
  const find = gatheredFind(rows);
  const earlier = find({ id: "row3", tenant: "odd" });
  await rows.updateOne({ _id: "row3" }, { $set: { value: 1_003 } });
  expect((await find({ id: "row3", tenant: "odd" }))?.value).toBe(1_003);
  await earlier;
});
