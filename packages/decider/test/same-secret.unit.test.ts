import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameSecret } from "../src/same-secret.ts";

describe("two secrets", () => {
  it("are the same as their texts are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (left, right) => {
        expect(sameSecret(left, right)).toBe(left === right);
        expect(sameSecret(left, left)).toBe(true);
      }),
    );
  });
  it("are never the same when one is missing, nor when both are", () => {
    expect(sameSecret(undefined, "")).toBe(false);
    expect(sameSecret("", undefined)).toBe(false);
    expect(sameSecret(undefined, undefined)).toBe(false);
  });
  it("are told apart by their lengths, also in characters of several bytes", () => {
    expect(sameSecret("密", "abc")).toBe(false);
    expect(sameSecret("abc", "abcd")).toBe(false);
  });
});
