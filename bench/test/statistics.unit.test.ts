import { expect, test } from "vitest";
import { median, quantile, ratios, summary } from "../src/statistics.ts";

test("the median of an even count is the mean of the two in the middle", () => {
  expect(median([9, 1, 4, 2])).toBe(3);
  expect(median([3, 1, 2])).toBe(2);
});

test("a quantile is the nearest rank's value", () => {
  const values = Array.from({ length: 100 }, (_value, index) => 100 - index);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([50, 99, 100]);
  expect(quantile([7], 0.01)).toBe(7);
});

test("of no values there is no figure", () => {
  expect([median([]), quantile([], 0.5)]).toEqual([Number.NaN, Number.NaN]);
});

test("rounds are compared one by one, so a round that was slow for both counts like any other", () => {
  expect(ratios([50, 5, 60], [100, 10, 100])).toEqual({ median: 0.5, least: 0.5, most: 0.6 });
});

test("a summary says how far the rounds lay apart", () => {
  expect(summary([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
});
