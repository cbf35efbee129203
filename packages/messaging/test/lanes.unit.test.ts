import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { lanes } from "../src/lanes.ts";

test("tasks of one key run in order and one at a time, no more than the width at once, and all of them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ key: fc.constantFrom("a", "b", "c"), turns: fc.nat({ max: 3 }) }), { maxLength: 40 }),
      async (width, tasks) => {
        const inLane = lanes(width);
        const running = new Set<string>();
        const done: { key: string; at: number }[] = [];
        let most = 0;
        await Promise.all(
          tasks.map(({ key, turns }, at) =>
            inLane(key, async () => {
              expect(running.has(key)).toBe(false);
              running.add(key);
              most = Math.max(most, running.size);
              for (let left = turns; left > 0; left--) await turn();
              running.delete(key);
              done.push({ key, at });
            }),
          ),
        );
        expect(most).toBeLessThanOrEqual(width);
        expect(done).toHaveLength(tasks.length);
        for (const [, order] of Map.groupBy(done, ({ key }) => key)) {
          const places = order.map(({ at }) => at);
          expect(places).toEqual(places.toSorted((a, b) => a - b));
        }
      },
    ),
  );
});
