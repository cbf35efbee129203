import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFilter } from "../src/filter-parser.ts";
import { type Comparator, type Comparison, type FilterNode, type Literal, printFilter } from "../src/filter-syntax.ts";

const comparison = (
  field: string,
  comparator: Comparator,
  text: string,
  literal: Partial<Literal> = {},
): Comparison => ({
  kind: "comparison",
  field,
  comparator,
  literal: { text, quoted: false, wildcard: false, ...literal },
});
const [a, b, c] = [comparison("a", "=", "1"), comparison("b", "=", "2"), comparison("c", "=", "3")];
const problemOf = (filter: string) => {
  const parsed = parseFilter(filter);
  return parsed.kind === "Problem" ? [parsed.reason, parsed.metadata] : parsed;
};

describe("AND, OR and NOT", () => {
  it.each<[string, FilterNode]>([
    ["a = 1", a],
    ["a=1 AND b=2", { kind: "and", nodes: [a, b] }],
    ["a=1 b=2", { kind: "and", nodes: [a, b] }],
    ["a=1 b=2 AND c=3", { kind: "and", nodes: [a, b, c] }],
    ["a=1 OR b=2", { kind: "or", nodes: [a, b] }],
    ["NOT a=1", { kind: "not", node: a }],
    ["-a=1", { kind: "not", node: a }],
    ["NOT (a=1 OR b=2)", { kind: "not", node: { kind: "or", nodes: [a, b] } }],
    ["((a=1))", a],
    ["\n a\t=  1 ", a],
  ])("%j", (filter, expected) => {
    expect(parseFilter(filter)).toEqual(expected);
  });

  it("OR binds tighter than AND, as AIP-160 has it", () => {
    const expected = { kind: "and", nodes: [a, { kind: "or", nodes: [b, c] }] };
    expect(parseFilter("a = 1 AND b = 2 OR c = 3")).toEqual(expected);
    expect(parseFilter("a = 1 b = 2 OR c = 3")).toEqual(expected);
    expect(parseFilter("(a = 1 AND b = 2) OR c = 3")).toEqual({
      kind: "or",
      nodes: [{ kind: "and", nodes: [a, b] }, c],
    });
  });
});

describe("comparisons", () => {
  it.each<[string, Comparison]>([
    ["a != 1", comparison("a", "!=", "1")],
    ["a<=1", comparison("a", "<=", "1")],
    ["a>=-1.5e3", comparison("a", ">=", "-1.5e3")],
    ["source.channel = PHONE", comparison("source.channel", "=", "PHONE")],
    ["tags:vip", comparison("tags", ":", "vip")],
    ["tags:*", comparison("tags", ":", "", { wildcard: true })],
    ["t > 2026-01-05T09:00:00+08:00", comparison("t", ">", "2026-01-05T09:00:00+08:00")],
    ['n = "AND"', comparison("n", "=", "AND", { quoted: true })],
    [`n = 'it"s'`, comparison("n", "=", 'it"s', { quoted: true })],
    [String.raw`n = "a\"b\\c\*"`, comparison("n", "=", 'a"b\\c*', { quoted: true })],
    ['n = "wang*"', comparison("n", "=", "wang", { quoted: true, wildcard: true })],
    ['n = ""', comparison("n", "=", "", { quoted: true })],
    ['n = "张 三"', comparison("n", "=", "张 三", { quoted: true })],
    ["n = 张三", comparison("n", "=", "张三")],
    ['n = "$where"', comparison("n", "=", "$where", { quoted: true })],
  ])("%s", (filter, expected) => {
    expect(parseFilter(filter)).toEqual(expected);
  });
});

describe("is refused, saying where and why", () => {
  it.each([
    ["a =", "FILTER_ENDS_EARLY", {}],
    ["a = 1 AND", "FILTER_ENDS_EARLY", {}],
    ["(a = 1", "FILTER_ENDS_EARLY", {}],
    ["NOT", "FILTER_ENDS_EARLY", {}],
    ["a = 1)", "FILTER_SYNTAX", { at: "6", found: ")" }],
    ["a = (1)", "FILTER_SYNTAX", { at: "5", found: "(1)" }],
    ["a == 1", "FILTER_SYNTAX", { at: "4", found: "= 1" }],
    ['a = "open', "FILTER_SYNTAX", { at: "5", found: '"open' }],
    ["a = 1 OR OR b = 2", "FILTER_SYNTAX", { at: "10", found: "OR b = 2" }],
    ["OR a = 1", "FILTER_SYNTAX", { at: "1", found: "OR a = 1" }],
    ["a = AND", "FILTER_SYNTAX", { at: "5", found: "AND" }],
    ["a. = 1", "FILTER_SYNTAX", { at: "3", found: " = 1" }],
    ["$where = 1", "FILTER_BARE_WORD", { word: "$where" }],
    ["a.$ne = 1", "FILTER_BARE_WORD", { word: "$ne" }],
    ["__proto__ = 1", "FILTER_BARE_WORD", { word: "__proto__" }],
    ["hello", "FILTER_BARE_WORD", { word: "hello" }],
    ['"hello world"', "FILTER_BARE_WORD", { word: '"hello world"' }],
    ["a = 1 and b = 2", "FILTER_BARE_WORD", { word: "and" }],
    ["now() > 1", "FILTER_FUNCTION", { name: "now" }],
    ["a.b(c) = 1", "FILTER_FUNCTION", { name: "a.b" }],
    ['a = "*b"', "FILTER_WILDCARD", { field: "a" }],
    ["a = b*c", "FILTER_WILDCARD", { field: "a" }],
    ["a = b**", "FILTER_WILDCARD", { field: "a" }],
  ])("%s", (filter, reason, metadata) => {
    expect(problemOf(filter)).toEqual([reason, metadata]);
  });

  it("longer than 2,000 characters", () => {
    expect(parseFilter(`a = ${"x".repeat(1_996)}`)).toMatchObject({ kind: "comparison" });
    expect(problemOf(`a = ${"x".repeat(1_997)}`)).toEqual(["FILTER_TOO_LONG", { limit: "2000" }]);
  });

  it("nested deeper than 32 levels", () => {
    const nested = (levels: number) => `${"(".repeat(levels)}a = 1${")".repeat(levels)}`;
    expect(parseFilter(nested(32))).toEqual(a);
    expect(problemOf(nested(33))).toEqual(["FILTER_TOO_DEEP", { limit: "32" }]);
    expect(problemOf("-(".repeat(20) + "a = 1" + ")".repeat(20))).toEqual(["FILTER_TOO_DEEP", { limit: "32" }]);
  });

  it("of more than 50 comparisons", () => {
    const terms = (count: number) => Array.from({ length: count }, () => "a=1").join(" ");
    expect(parseFilter(terms(50))).toMatchObject({ kind: "and" });
    expect(problemOf(terms(51))).toEqual(["FILTER_TOO_MANY_TERMS", { limit: "50" }]);
  });
});

const names = fc.constantFrom("a", "createTime", "source.channel", "x_1");
const literals: fc.Arbitrary<Literal> = fc.oneof(
  fc.record({ text: fc.string({ unit: "binary", maxLength: 12 }), quoted: fc.constant(true), wildcard: fc.boolean() }),
  fc.record({
    text: fc.stringMatching(/^[\w.:+-]{1,12}$/).filter((text) => !["AND", "OR", "NOT"].includes(text)),
    quoted: fc.constant(false),
    wildcard: fc.boolean(),
  }),
);
const { filters } = fc.letrec<{ filters: FilterNode; comparisons: FilterNode }>((tie) => ({
  filters: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("comparisons"),
    fc.record({ kind: fc.constantFrom("and", "or"), nodes: fc.array(tie("filters"), { minLength: 2, maxLength: 3 }) }),
    fc.record({ kind: fc.constant("not" as const), node: tie("filters") }),
  ),
  comparisons: fc.record({
    kind: fc.constant("comparison" as const),
    field: names,
    comparator: fc.constantFrom<Comparator>("=", "!=", "<", "<=", ">", ">=", ":"),
    literal: literals,
  }),
}));

it("what is printed reads back as the same filter", () => {
  fc.assert(
    fc.property(filters, (node) => {
      expect(parseFilter(printFilter(node))).toEqual(node);
    }),
  );
});

it("no text makes the parser throw or hang", () => {
  const pieces = fc.constantFrom(
    "(",
    ")",
    "-",
    "NOT ",
    " AND ",
    " OR ",
    "a",
    "=",
    "<",
    ":",
    '"',
    "'",
    "\\",
    "*",
    ".",
    " ",
    "张",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")),
      ),
      (text) => {
        expect(["and", "or", "not", "comparison", "Problem"]).toContain(parseFilter(text).kind);
      },
    ),
    { numRuns: 1_000 },
  );
});
