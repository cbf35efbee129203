import { expect, test } from "vitest";
import { grouped } from "../src/grouped.ts";

test("items that come during a write go out together with the next one", async () => {
  const gate = Promise.withResolvers<void>();
  const groups: number[][] = [];
  const add = grouped<number>(async (items) => {
    groups.push([...items]);
    if (groups.length === 1) await gate.promise;
  }, 10);
  const first = add(0);
  while (groups.length === 0) await new Promise(setImmediate);
  const rest = [1, 2, 3].map(add);
  gate.resolve();
  await Promise.all([first, ...rest]);
  expect(groups).toEqual([[0], [1, 2, 3]]);
});

test("a group is no larger than allowed", async () => {
  const groups: number[][] = [];
  const add = grouped<number>(async (items) => void groups.push([...items]), 2);
  await Promise.all([1, 2, 3, 4, 5].map(add));
  expect(groups).toEqual([[1, 2], [3, 4], [5]]);
});

test("one bad item of a group fails alone", async () => {
  const stored: number[] = [];
  const add = grouped<number>(async (items) => {
    if (items.includes(2)) throw new Error("bad");
    stored.push(...items);
  }, 10);
  const outcomes = await Promise.allSettled([1, 2, 3].map(add));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(stored).toEqual([1, 3]);
});
