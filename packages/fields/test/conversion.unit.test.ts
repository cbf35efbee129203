import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { describe, expect, it } from "vitest";
import { brokenFormulas } from "../src/broken-formulas.ts";
import { converted } from "../src/converted.ts";
import { fieldOf } from "../src/field.ts";
import { valueOf } from "../src/kinds.ts";

const definition = (more: Parameters<typeof CustomField.fromPartial>[0]) =>
  CustomField.fromPartial({ collection: "leads", key: "size", ...more });
const colours = [
  { id: "red", displayName: { en: "Red", zh: "红色" } },
  { id: "blue", displayName: { en: "Blue", zh: "蓝色" } },
  { id: "old", retired: true },
];
const to = (value: CustomValue, more: Parameters<typeof CustomField.fromPartial>[0]) => {
  const made = converted(fieldOf(definition(more)), value);
  if (made === undefined) return undefined;
  const { choices, ...rest } = made;
  return choices.length > 0 ? choices : Object.values(rest).find((each) => each !== undefined);
};
const text = (value: string) => valueOf("TEXT", value);
const cny = (units: bigint, nanos = 0) => valueOf("MONEY", { currencyCode: "CNY", units, nanos });

describe("a value of another kind", () => {
  it.each([
    ["a number is read from its digits", text(" 42.50 "), { kind: "NUMBER" }, 42.5],
    ["a number is not read out of words", text("42 pairs"), { kind: "NUMBER" }, undefined],
    ["a number is not read where commas may mean two things", text("1,234"), { kind: "NUMBER" }, undefined],
    ["a day is read that begins with its year", text("2026年1月5日"), { kind: "DATE" }, "2026-01-05"],
    ["a day is read with slashes", text("2026/01/05"), { kind: "DATE" }, "2026-01-05"],
    ["a day is not guessed", text("05/01/2026"), { kind: "DATE" }, undefined],
    ["a day is one of the calendar", text("2026-02-30"), { kind: "DATE" }, undefined],
    ["a choice becomes its id", valueOf("CHOICE", "red"), { kind: "TEXT" }, "red"],
    ["choices become their ids", valueOf("CHOICES", ["red", "blue"]), { kind: "TEXT" }, "red, blue"],
    ["a choice is found by its id", text("red"), { kind: "CHOICE", choices: colours }, "red"],
    ["a choice is found by its name", text("红色"), { kind: "CHOICE", choices: colours }, "red"],
    ["a choice that is not offered is none", text("old"), { kind: "CHOICE", choices: colours }, undefined],
    ["a choice becomes one of several", valueOf("CHOICE", "red"), { kind: "CHOICES", choices: colours }, ["red"]],
    ["several are found in a text", text("红色、blue"), { kind: "CHOICES", choices: colours }, ["red", "blue"]],
    ["several are not one", valueOf("CHOICES", ["red", "blue"]), { kind: "CHOICE", choices: colours }, undefined],
    ["a number needs a currency to be money", valueOf("NUMBER", 12.5), { kind: "MONEY" }, undefined],
    ["a telephone number is brought into its form", text("138 0013 0000"), { kind: "PHONE" }, "+8613800130000"],
    ["what cannot be dialled is no telephone number", text("12"), { kind: "PHONE" }, undefined],
    ["an address is brought into its form", text("Fang@ACME.example"), { kind: "EMAIL" }, "Fang@acme.example"],
    ["a yes is one in Chinese too", text("是"), { kind: "BOOLEAN" }, true],
    ["a text is as long as the field takes", text("long"), { kind: "TEXT", maxLength: 3 }, undefined],
  ] as const)("%s", (_rule, value, field, made) => {
    expect(to(value, field as never)).toEqual(made);
  });

  it("becomes money in the field's currency, and a number again", () => {
    const money = { kind: "MONEY", currencyCode: "CNY" } as const;
    expect(to(valueOf("NUMBER", -12.5), money)).toEqual({ currencyCode: "CNY", units: -12n, nanos: -500_000_000 });
    expect(to(text("CNY 7"), { kind: "MONEY" })).toEqual({ currencyCode: "CNY", units: 7n, nanos: 0 });
    expect(to(text("USD 7"), money)).toBeUndefined();
    expect(to(cny(-12n, -500_000_000), { kind: "NUMBER", unit: "CNY" })).toBe(-12.5);
    expect(to(cny(12n), { kind: "NUMBER", unit: "mm" })).toBeUndefined();
  });
});

describe("a formula", () => {
  const others = [
    definition({ key: "double", kind: "FORMULA", formula: "customFields.size * 2", formulaKind: "NUMBER" }),
    definition({ key: "there", kind: "FORMULA", formula: "has(customFields.size)", formulaKind: "BOOLEAN" }),
    definition({ key: "odd", kind: "FORMULA", formula: "customFields.gone * 2", formulaKind: "NUMBER" }),
  ];
  const before = definition({ kind: "NUMBER" });

  it("breaks where an operand changes its kind or goes, and only by that", () => {
    expect(brokenFormulas(before, definition({ kind: "TEXT" }), others)).toEqual(["double"]);
    expect(brokenFormulas(before, undefined, others)).toEqual(["double", "there"]);
    expect(brokenFormulas(before, definition({ kind: "MONEY" }), others)).toEqual([]);
  });
});
