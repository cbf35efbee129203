import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldType, Scalar } from "../src/field.ts";
import { decodePageToken, encodePageToken, type PageScope } from "../src/page-token.ts";

const scope: PageScope = { listing: "leads", tenant: "t1", filter: "", order: "createTime", showDeleted: false };
const forged = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
const digest = JSON.parse(Buffer.from(encodePageToken(scope, { value: null, id: "a" }), "base64url").toString())[0];

const values: Record<FieldType, fc.Arbitrary<Scalar>> = {
  string: fc.string({ unit: "binary" }),
  enum: fc.constantFrom("NEW", "LOST"),
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  time: fc.date({ noInvalidDate: true }),
  date: fc.constant("2026-01-05"),
};

it.each(Object.keys(values) as FieldType[])("a cursor of type %s comes back as it was", (type) => {
  fc.assert(
    fc.property(fc.option(values[type]), fc.string(), (value, id) => {
      const token = encodePageToken(scope, { value, id });
      expect(token).toMatch(/^[\w-]+$/);
      expect(decodePageToken(scope, token, type)).toEqual({ value, id });
    }),
  );
});

describe("is refused as unreadable", () => {
  it.each<[string, string, FieldType]>([
    ["no JSON", "hello", "time"],
    ["no list", Buffer.from("{}").toString("base64url"), "time"],
    ["too few parts", forged(digest, 1), "time"],
    ["an operator as value", forged(digest, { $gt: "" }, "a"), "string"],
    ["an operator as id", forged(digest, 1, { $ne: "" }), "time"],
    ["a value of another type", forged(digest, "2026", "a"), "time"],
    ["an instant that cannot be", forged(digest, 9e15, "a"), "time"],
    ["a number that is none", forged(digest, "1.5", "a"), "int64"],
    ["too long", "a".repeat(4_097), "string"],
  ])("%s", (_, token, type) => {
    expect(decodePageToken(scope, token, type)).toBe("PAGE_TOKEN_UNREADABLE");
  });
});

it("nothing that is sent makes the reader throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.json().map((json) => Buffer.from(json).toString("base64url")),
      ),
      (token) => {
        expect(typeof decodePageToken(scope, token, "time")).toBe("string");
      },
    ),
  );
});
