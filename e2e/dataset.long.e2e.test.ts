import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "./api.ts";
import { expectedFigures, expectSameFigures, load, totals } from "./dataset.ts";
import { type Stack, startStack } from "./stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

it("the whole sales history reports, to the last deal, what an independent script counts; a second load changes nothing", async () => {
  const { access } = stack;
  const expected = expectedFigures();
  await load(access);
  await eventually(
    () => totals(access),
    (found) =>
      expect(found).toEqual({
        opportunities: 8800,
        won: 4238,
        lost: 2473,
        engaging: 1589,
        prospecting: 500,
        wonValue: 10_005_534,
      }),
  );
  await expectSameFigures(access, expected);
  const again = await load(access);
  expect(again).toMatchObject({ complete: true, accepted: 0 });
  await expectSameFigures(access, expected);
}, 900_000);
