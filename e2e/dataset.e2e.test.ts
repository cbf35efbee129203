import { expect, inject, it } from "vitest";
import { eventually } from "./api.ts";
import { expectedFigures, expectSameFigures, load } from "./dataset.ts";

const sample = 400;

it("a sample of the real sales history reports what an independent script counts, and loads only once", async () => {
  const access = inject("access");
  const expected = expectedFigures(sample);
  await load(access, sample);
  await eventually(
    () => expectSameFigures(access, expected),
    () => undefined,
  );
  expect(await load(access, sample)).toMatchObject({ complete: true, accepted: 0 });
  await expectSameFigures(access, expected);
}, 180_000);
