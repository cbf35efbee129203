import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isJsonArray,
  isJsonObject,
  isSyntaxError,
  type Json,
  MAX_DEPTH,
  parseJson,
} from "../../src/transcoder/codec/json-text.ts";

/** As JSON.parse would have it. */
const plain = (json: Json): unknown => {
  if (isJsonArray(json)) return json.map(plain);
  if (!isJsonObject(json)) return typeof json === "bigint" ? Number(json) : json;
  const made = {};
  for (const [key, value] of json) {
    Object.defineProperty(made, key, { value: plain(value), enumerable: true, configurable: true, writable: true });
  }
  return made;
};

const parsed = (text: string) => {
  const outcome = parseJson(text);
  if (isSyntaxError(outcome)) throw new Error(`syntax error at ${outcome.offset}`);
  return outcome;
};

const violations = (text: string) => parsed(text).violations.map(({ path, code }) => `${path.join(".")} ${code}`);

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, stringUnit: "grapheme" }), fc.constantFrom(0, 1, 2), (text, indent) => {
        const value: unknown = JSON.parse(text);
        expect(plain(parsed(JSON.stringify(value, null, indent)).value)).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  it("refuses what JSON.parse refuses", () => {
    const noise = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:0123e.-+tfn\\u \n')), maxLength: 16 }),
    );
    fc.assert(
      fc.property(noise, (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(!isSyntaxError(parseJson(text))).toBe(isJson);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    "",
    " ",
    "{",
    '{"a"}',
    '{"a":1,}',
    "[1,]",
    "01",
    "1.",
    ".5",
    "+1",
    "NaN",
    "'a'",
    '"\n"',
    '"\\x"',
    "1 2",
    "\u00a01",
    "tru",
  ])("%j is not JSON", (text) => {
    expect(isSyntaxError(parseJson(text))).toBe(true);
  });

  it("says where it stopped understanding", () => {
    expect(parseJson('{"a": 1, b}')).toEqual({ kind: "JsonSyntaxError", offset: 9 });
  });

  it("keeps whole numbers that a double cannot hold", () => {
    expect(parsed("[9007199254740993,1,-0.5,1e3]").value).toEqual([9007199254740993n, 1, -0.5, 1000]);
  });

  it("notes members given twice, also when one is spelt with escapes", () => {
    expect(violations('{"a":1,"b":{"c":1,"c":2},"\\u0061":2}')).toEqual(["b.c DUPLICATE_FIELD", "a DUPLICATE_FIELD"]);
  });

  it("notes halves of surrogate pairs, and lets whole pairs pass", () => {
    expect(violations('["\\ud83d\\ude00","\\ud83d","\\ude00"]')).toEqual(["1 INVALID_UNICODE", "2 INVALID_UNICODE"]);
  });

  it("stops at the nesting it will not follow, without overflowing the stack", () => {
    expect(violations("[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH))).toEqual([]);
    expect(violations("[".repeat(200_000))).toEqual([`${"0.".repeat(MAX_DEPTH).slice(0, -1)} TOO_DEEP`]);
  });

  it("__proto__ is a key like any other", () => {
    const { value } = parsed('{"__proto__":{"isAdmin":true}}');
    expect(isJsonObject(value) && value.get("__proto__")).toEqual(new Map([["isAdmin", true]]));
  });

  it("a number of a million digits costs no quadratic time", () => {
    const start = process.cpuUsage().user;
    parsed("9".repeat(1_000_000));
    expect(process.cpuUsage().user - start).toBeLessThan(2_000_000);
  });
});
