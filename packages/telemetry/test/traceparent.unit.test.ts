import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTraceparent, parseTraceparent } from "../src/traceparent.ts";

const hex = (length: number) =>
  fc
    .uint8Array({ minLength: length / 2, maxLength: length / 2 })
    .filter((bytes) => bytes.some((byte) => byte !== 0))
    .map((bytes) => Buffer.from(bytes).toString("hex"));

test("what is formatted parses to the same span", () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.constantFrom(0, 1), (traceId, spanId, traceFlags) => {
      expect(parseTraceparent(formatTraceparent({ traceId, spanId, traceFlags }))).toEqual({
        traceId,
        spanId,
        traceFlags,
        isRemote: true,
      });
    }),
  );
});

const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

test.each([
  ["", "empty"],
  [`00-${trace}-${span}`, "no flags"],
  [`ff-${trace}-${span}-01`, "version ff"],
  [`00-${"0".repeat(32)}-${span}-01`, "a zero trace id"],
  [`00-${trace}-${"0".repeat(16)}-01`, "a zero span id"],
  [`00-${trace.toUpperCase()}-${span}-01`, "upper case"],
  [`00-${trace}-${span}-01-more`, "more fields in version 00"],
])("%s is refused: %s", (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test("a later version with more fields is read", () => {
  expect(parseTraceparent(`01-${trace}-${span}-01-more`)?.traceId).toBe(trace);
});
