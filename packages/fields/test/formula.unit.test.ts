import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formulaOf } from "../src/formula.ts";
import { valueOf } from "../src/kinds.ts";

const field = (key: string, kind: CustomField["kind"]) => CustomField.fromPartial({ collection: "leads", key, kind });
const others = [
  field("length", "NUMBER"),
  field("width", "NUMBER"),
  field("note", "TEXT"),
  field("day", "DATE"),
  field("mobile", "PHONE"),
];
const read = (formula: string, formulaKind: CustomField["formulaKind"] = "NUMBER") =>
  formulaOf(CustomField.fromPartial({ collection: "leads", key: "f", kind: "FORMULA", formula, formulaKind }), others);
const reasonOf = (formula: string, kind?: CustomField["formulaKind"]) => {
  const outcome = read(formula, kind);
  return "reason" in outcome ? outcome.reason : undefined;
};
const made = (
  formula: string,
  values: Record<string, CustomValue>,
  kind?: CustomField["formulaKind"],
  record: object = {},
) => {
  const outcome = read(formula, kind);
  if ("reason" in outcome) throw new Error(outcome.reason);
  const { choices: _choices, ...value } = outcome.of(record, values);
  return value;
};
const number = (value: number) => valueOf("NUMBER", value);

describe("a formula", () => {
  it.each([
    ["customFields.length * customFields.width + 1", "NUMBER", { number: 43 }],
    ["round(customFields.length / 4, 1)", "NUMBER", { number: 1.5 }],
    ["customFields.length > 3 ? 'long' : 'short'", "TEXT", { text: "long" }],
    ["has(customFields.note) ? customFields.note : 'none'", "TEXT", { text: "none" }],
    ["days(addDays(customFields.day, 30)) - days(customFields.day)", "NUMBER", { number: 30 }],
    ["addDays(customFields.day, 1)", "DATE", { date: "2026-02-01" }],
    ["name + ' ' + status", "TEXT", { text: "Fang NEW" }],
    ["customFields.length == 6", "BOOLEAN", { boolean: true }],
  ] as const)("%s", (formula, kind, value) => {
    const values = { length: number(6), width: number(7), day: valueOf("DATE", "2026-01-31") };
    expect(made(formula, values, kind, { name: "Fang", status: "NEW" })).toEqual(value);
  });

  it.each([
    ["customFields.length *", "FORMULA_MALFORMED"],
    ["customFields.height", "FORMULA_UNKNOWN_NAME"],
    ["email", "FORMULA_UNKNOWN_NAME"],
    ["customFields.mobile", "FORMULA_UNKNOWN_NAME"],
    ["customFields.length + 'a'", "FORMULA_TYPE_MISMATCH"],
    ["'a'", "FORMULA_RESULT_MISMATCH"],
    ["[1, 2].map(x, x)[0]", "FORMULA_NOT_OFFERED"],
    ["[1, 2].all(x, x > 0) ? 1 : 2", "FORMULA_NOT_OFFERED"],
    ["matches(customFields.note, '(a+)+$') ? 1 : 2", "FORMULA_UNKNOWN_FUNCTION"],
    [`${"(".repeat(400)}1${")".repeat(400)}`, "FORMULA_TOO_DEEP"],
    [Array.from({ length: 120 }, () => "1").join("+"), "FORMULA_TOO_DEEP"],
  ])("is refused where it cannot be run (%#)", (formula, reason) => {
    expect(reasonOf(formula)).toBe(reason);
  });

  it("that has no result says why", () => {
    expect(made("customFields.length / customFields.width", { length: number(1), width: number(0) })).toEqual({
      problem: "DIVISION_BY_ZERO",
    });
    expect(made("customFields.length * 2", {})).toEqual({ problem: "MISSING_OPERAND" });
    expect(made("name + '!'", {}, "TEXT")).toEqual({ problem: "MISSING_OPERAND" });
    const note = { ...valueOf("PHONE", "+8613800138000"), problem: "NOT_CONVERTED" as const };
    expect(made("customFields.note + '!'", { note }, "TEXT")).toEqual({ problem: "MISSING_OPERAND" });
    expect(made("customFields.length * customFields.length", { length: number(1e200) })).toEqual({
      problem: "OUT_OF_RANGE",
    });
    expect(made("addDays(customFields.day, 9e9)", { day: valueOf("DATE", "2026-01-31") }, "DATE")).toEqual({
      problem: "TYPE_MISMATCH",
    });
  });

  it("never throws, whatever is written and whatever the record has", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.double(), (text, value) => {
        for (const formula of [text, `customFields.length ${text}`]) {
          const outcome = read(formula);
          if (!("reason" in outcome)) outcome.of({}, { length: { choices: [], number: value } });
        }
      }),
    );
  });
});
