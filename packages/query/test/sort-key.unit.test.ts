import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortKey } from "../src/sort-key.ts";

const sorted = (names: readonly string[], kind?: "person") =>
  names.toSorted((a, b) => (sortKey(a, kind) < sortKey(b, kind) ? -1 : 1));

describe("names sort", () => {
  it("by pinyin, Chinese and Latin mixed", () => {
    expect(sorted(["张三", "Zhao", "李四", "Bob", "安娜", "zhang wei"])).toEqual([
      "安娜",
      "Bob",
      "李四",
      "张三",
      "zhang wei",
      "Zhao",
    ]);
  });

  it("syllable by syllable: 西安 before 先生", () => {
    expect(sorted(["先生", "西安"])).toEqual(["西安", "先生"]);
  });

  it("with numbers by their value", () => {
    expect(sorted(["Shop 10", "Shop 9", "Shop 009a", "Shop 100"])).toEqual([
      "Shop 9",
      "Shop 009a",
      "Shop 10",
      "Shop 100",
    ]);
  });
});

describe("a key", () => {
  it("ignores case, accents, width and space", () => {
    expect(sortKey("ＭÜLLER  gmbh ")).toBe(sortKey("muller GmbH"));
  });

  it("reads a leading surname as one only for a person", () => {
    expect(sortKey("单雄信", "person")).toBe("shan xiong xin");
    expect(sortKey("单位")).toBe("dan wei");
  });

  it("is short, well-formed and the same every time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (name) => {
        const key = sortKey(name);
        expect(key.length).toBeLessThanOrEqual(200);
        expect(key.isWellFormed()).toBe(true);
        expect(sortKey(name)).toBe(key);
      }),
    );
  });

  it("orders any two numbers by value", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.bigInt({ min: 0n, max: 10n ** 40n }), (a, b) => {
        expect(sortKey(`n${a}`) < sortKey(`n${b}`)).toBe(a < b);
      }),
    );
  });
});
