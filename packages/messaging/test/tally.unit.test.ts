import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { tally } from "../src/tally.ts";

test("below waits until few enough tasks are under way, and not at all if they are", async () => {
  const inHand = tally();
  await inHand.below(1);
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  for (const { promise } of gates) inHand.add(promise);
  let isBelow = false;
  const below = inHand.below(2).then(() => {
    isBelow = true;
  });
  gates[0]?.resolve();
  await turn();
  expect(isBelow).toBe(false);
  gates[2]?.resolve();
  await below;
  gates[1]?.resolve();
  await inHand.below(1);
});
