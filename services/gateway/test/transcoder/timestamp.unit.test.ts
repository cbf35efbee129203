import fc from "fast-check";
import { expect, it } from "vitest";
import {
  MAX_SECONDS,
  MIN_SECONDS,
  parseDuration,
  parseTimestamp,
  timestampText,
} from "../../src/transcoder/codec/timestamp.ts";

it("every moment that a Timestamp can hold survives as text", () => {
  fc.assert(
    fc.property(fc.integer({ min: MIN_SECONDS, max: MAX_SECONDS }), fc.nat({ max: 999_999_999 }), (seconds, nanos) => {
      expect(parseTimestamp(timestampText(seconds, nanos) ?? "")).toEqual({ seconds, nanos });
    }),
  );
});

it("moments beyond have no text", () => {
  for (const [seconds, nanos] of [
    [MIN_SECONDS - 1, 0],
    [MAX_SECONDS + 1, 0],
    [0, -1],
    [0, 1_000_000_000],
  ] as const) {
    expect(timestampText(seconds, nanos)).toBeUndefined();
  }
});

it.each([
  ["2026-01-31T08:30:00+08:00", "2026-01-31T00:30:00Z"],
  ["2026-01-31t08:30:00.5z", "2026-01-31T08:30:00.500Z"],
  ["2024-02-29T00:00:00-23:59", "2024-02-29T23:59:00Z"],
])("%s is %s", (text, utc) => {
  const parsed = parseTimestamp(text);
  expect(parsed && timestampText(parsed.seconds, parsed.nanos)).toBe(utc);
});

it.each([
  "2026-02-29T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-01-01T00:60:00Z",
  "2026-01-01T00:00:00",
  "2026-01-01 00:00:00Z",
  "2026-01-01T00:00:00+24:00",
  "0000-01-01T00:00:00Z",
  "2026-01-01T00:00:00.1234567890Z",
  "",
])("%j is no time", (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});

it.each([
  ["1s", 1, 0],
  ["-1.5s", -1, -500_000_000],
  ["-0.000000001s", 0, -1],
  ["315576000000s", 315_576_000_000, 0],
])("%s lasts that long", (text, seconds, nanos) => {
  expect(parseDuration(text)).toEqual({ seconds, nanos });
});

it.each(["1", "1.s", ".5s", "1h", "315576000000.5s", "315576000001s", "1.0000000001s"])("%s is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
