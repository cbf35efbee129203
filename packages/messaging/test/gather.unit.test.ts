import { expect, test } from "vitest";
import { gather } from "../src/gather.ts";

const turn = () => new Promise(setImmediate);

test("each item gets the result in its place", async () => {
  const double = gather<number, number>(async (items) => items.map((item) => item * 2), { maxItems: 10 });
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
});

test("one item alone is not kept waiting for others", async () => {
  const groups: number[][] = [];
  const add = gather<number, void>(
    async (items) => {
      groups.push([...items]);
      return items.map(() => undefined);
    },
    { maxItems: 10 },
  );
  await add(1);
  await add(2);
  expect(groups).toEqual([[1], [2]]);
});

test("no more runs are under way than allowed, and no group is larger", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const groups: number[][] = [];
  const add = gather<number, void>(
    async (items) => {
      groups.push([...items]);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return items.map(() => undefined);
    },
    { maxItems: 2, maxRuns: 2 },
  );
  const all = Promise.all([1, 2, 3, 4, 5, 6, 7].map(add));
  await turn();
  await turn();
  expect(groups).toEqual([
    [1, 2],
    [3, 4],
  ]);
  for (let index = 0; index < 4; index += 1) {
    gates[index]?.resolve();
    await turn();
  }
  await all;
  expect(groups.flat()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("a run that fails fails its items and no others", async () => {
  const add = gather<number, number>(
    async (items) => {
      if (items.includes(1)) throw new Error("down");
      return items;
    },
    { maxItems: 2 },
  );
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(add));
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled", "fulfilled"]);
});
