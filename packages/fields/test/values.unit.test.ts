import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { isDomainError } from "@keynode/decider/domain-error";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shownValue } from "../src/converted.ts";
import { fieldOf, matcherOf } from "../src/field.ts";
import { fieldSetOf } from "../src/field-set.ts";
import { type Values, valuesOfCreate } from "../src/given-values.ts";
import { type KeptKind, valueOf } from "../src/kinds.ts";
import { settled } from "../src/settled.ts";
import { shownValues } from "../src/shown-values.ts";

type Given = Parameters<typeof CustomField.fromPartial>[0];
const field = (more: Given) => CustomField.fromPartial({ collection: "leads", key: "f", kind: "TEXT", ...more });
const everyone = { roles: [], isService: false };
const onlooker = { ...everyone, seesSensitive: true };

const definitions: Readonly<Record<KeptKind, Given>> = {
  TEXT: {},
  NUMBER: {},
  MONEY: {},
  DATE: {},
  BOOLEAN: {},
  CHOICE: { choices: [{ id: "a" }, { id: "b" }] },
  CHOICES: { choices: [{ id: "a" }, { id: "b" }] },
  REFERENCE: { referenceCollection: "accounts" },
  PHONE: {},
  EMAIL: {},
  URL: {},
};
const day = fc.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T00:00:00Z"),
  noInvalidDate: true,
});
const values: readonly fc.Arbitrary<readonly [KeptKind, CustomValue]>[] = [
  fc.string({ minLength: 1, maxLength: 200, unit: "grapheme" }).map((text) => ["TEXT", valueOf("TEXT", text)]),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => ["NUMBER", valueOf("NUMBER", number + 0)]),
  fc.tuple(fc.bigInt(0n, 10n ** 15n), fc.nat(999_999_999), fc.boolean()).map(([units, nanos, isNegative]) => [
    "MONEY",
    valueOf("MONEY", {
      currencyCode: "CNY",
      units: isNegative ? -units : units,
      nanos: isNegative ? -nanos + 0 : nanos,
    }),
  ]),
  day.map((date) => ["DATE", valueOf("DATE", date.toISOString().slice(0, 10))]),
  fc.boolean().map((boolean) => ["BOOLEAN", valueOf("BOOLEAN", boolean)]),
  fc.constantFrom("a", "b").map((choice) => ["CHOICE", valueOf("CHOICE", choice)]),
  fc.subarray(["a", "b"], { minLength: 1 }).map((choices) => ["CHOICES", valueOf("CHOICES", choices)]),
  fc.constant(["REFERENCE", valueOf("REFERENCE", "account_01jz8m3k5qf7x9v2t4w6y8a0bc")] as const),
  fc.integer({ min: 10_000_000, max: 99_999_999 }).map((digits) => ["PHONE", valueOf("PHONE", `+86138${digits}`)]),
  fc.constantFrom("Wang.Fang@acme.example").map((email) => ["EMAIL", valueOf("EMAIL", email)]),
  fc.webUrl().map((url) => ["URL", valueOf("URL", url)]),
];

it.each([
  [valueOf("PHONE", "138 0013 8000"), "PHONE", valueOf("PHONE", "+8613800138000")],
  [valueOf("EMAIL", " Wang.Fang@ACME.example"), "EMAIL", valueOf("EMAIL", "Wang.Fang@acme.example")],
] as const)("a default is kept as a value that is given is: %o", (defaultValue, kind, kept) => {
  const set = fieldSetOf([field({ kind, defaultValue })]);
  expect(valuesOfCreate(set, { f: defaultValue }, everyone)).toEqual({ values: { f: kept } });
  expect(valuesOfCreate(set, {}, everyone)).toEqual({ values: { f: kept } });
});

it("a value of any kind comes out of the engine as it went in", () => {
  fc.assert(
    fc.property(fc.oneof(...values), ([kind, value]) => {
      const set = fieldSetOf([field({ kind, ...definitions[kind] })]);
      const checked = valuesOfCreate(set, { f: CustomValue.decode(CustomValue.encode(value).finish()) }, everyone);
      if (!("values" in checked)) throw new Error(JSON.stringify(checked.problems));
      const state = settled(set, undefined, { customFields: checked.values }, { isAsked: true, place: "" });
      if (isDomainError(state)) throw new Error(state.reason);
      expect(shownValues(set, state, state.customFields, onlooker, true)).toEqual({ f: value });
    }),
  );
});

it.each(["0000-01-01", "10000-01-01", "2026-02-29", "2026-13-01"])("%s is no day", (date) => {
  const set = fieldSetOf([field({ kind: "DATE" })]);
  expect(valuesOfCreate(set, { f: { choices: [], date } }, everyone)).toEqual({
    problems: [{ key: "f", reason: "CUSTOM_FIELD_MALFORMED" }],
  });
});

it.each([
  ["S-\\d+|M", ["S-40", "M"], ["XS-40", "S-40X", "MM"]],
  ["^a$", ["a"], ["aa", "a\n"]],
])("a text fits the pattern %s as a whole", (pattern, fitting, others) => {
  const set = fieldSetOf([field({ pattern })]);
  const taken = [...fitting, ...others].filter(
    (text) => "values" in valuesOfCreate(set, { f: valueOf("TEXT", text) }, everyone),
  );
  expect(taken).toEqual(fitting);
});

it.each(["(a+)+", "(a|a)*", "(a|aa)+", "([a-z]+)*[a-z]*"])(
  "the pattern %s is through with a text however it ends",
  (pattern) => {
    const set = fieldSetOf([field({ pattern, maxLength: 10_000 })]);
    // An engine that goes back over what it has read would be at this for longer than there have been stars.
    const text = `${"a".repeat(9_999)}!`;
    expect(valuesOfCreate(set, { f: valueOf("TEXT", text) }, everyone)).toEqual({
      problems: [{ key: "f", reason: "CUSTOM_FIELD_PATTERN" }],
    });
  },
);

it("a pattern that is none by itself is none", () => {
  expect(matcherOf("a)|(?:b")).toBeUndefined();
});

it("the values of a record take 64 KiB at most", () => {
  const set = fieldSetOf(Array.from({ length: 8 }, (_, index) => field({ key: `f${index}` })));
  const customFields = Object.fromEntries(
    [...set.fields.keys()].map((key) => [key, valueOf("TEXT", "x".repeat(9_000))]),
  );
  expect(settled(set, undefined, { customFields }, { isAsked: true, place: "" })).toMatchObject({
    reason: "CUSTOM_FIELDS_TOO_LARGE",
  });
});

describe("a stage that needs a value", () => {
  const set = fieldSetOf([field({ key: "day", kind: "DATE", requiredFrom: ["QUALIFIED"] })]);
  const lead = (status: string, customFields: Values = {}) => ({ status, customFields });
  const day = { day: valueOf("DATE", "2026-01-05") };
  const asked = { isAsked: true, place: "lead." };
  const missing = (place: string) => ({
    reason: "INVALID_REQUEST",
    violations: [{ field: `${place}custom_fields.day`, reason: "CUSTOM_FIELD_REQUIRED" }],
  });

  it("is no more begun in without it than entered", () => {
    expect(settled(set, undefined, lead("QUALIFIED"), asked)).toMatchObject(missing("lead."));
    expect(settled(set, lead("NEW"), lead("QUALIFIED"), { ...asked, place: "" })).toMatchObject(missing(""));
    expect(settled(set, undefined, lead("QUALIFIED", day), asked)).toMatchObject({ customFields: day });
    expect(settled(set, undefined, lead("NEW"), asked)).toMatchObject({ status: "NEW" });
  });

  it("is not asked of what follows from a fact, nor of a record that is in it", () => {
    expect(settled(set, undefined, lead("QUALIFIED"), { ...asked, isAsked: false })).toMatchObject({
      status: "QUALIFIED",
    });
    expect(settled(set, lead("QUALIFIED"), lead("QUALIFIED", { other: valueOf("NUMBER", 1) }), asked)).toMatchObject({
      status: "QUALIFIED",
    });
  });
});

describe("a field that has changed its kind", () => {
  it("shows what the new kind can hold as that, and the rest as it was", () => {
    const size = fieldOf(field({ kind: "NUMBER", max: 60 }));
    expect(shownValue(size, valueOf("TEXT", "42"))).toEqual(valueOf("NUMBER", 42));
    expect(shownValue(size, valueOf("TEXT", "large"))).toEqual({
      choices: [],
      text: "large",
      problem: "NOT_CONVERTED",
    });
    expect(shownValue(size, valueOf("TEXT", "61"))).toMatchObject({ text: "61", problem: "NOT_CONVERTED" });
    expect(shownValue(fieldOf(field({})), valueOf("NUMBER", 42))).toEqual(valueOf("TEXT", "42"));
  });
});

describe("what somebody sees", () => {
  const set = fieldSetOf([
    field({ key: "open", kind: "NUMBER" }),
    field({ key: "rolled", kind: "NUMBER", readerRoleIds: ["role_a"] }),
    field({ key: "secret", kind: "NUMBER", sensitive: true }),
    field({ key: "sum", kind: "FORMULA", formula: "customFields.open + customFields.secret", formulaKind: "NUMBER" }),
  ]);
  const all = {
    open: valueOf("NUMBER", 1),
    rolled: valueOf("NUMBER", 2),
    secret: valueOf("NUMBER", 3),
    lost: valueOf("NUMBER", 4),
  };
  const keys = (roles: readonly string[], seesSensitive: boolean) =>
    Object.keys(shownValues(set, {}, all, { roles, isService: false, seesSensitive }, true)).toSorted();

  it("is what the role and the right to sensitive values show, and no formula over the rest", () => {
    expect(keys([], false)).toEqual(["open"]);
    expect(keys(["role_a"], false)).toEqual(["open", "rolled"]);
    expect(keys([], true)).toEqual(["open", "secret", "sum"]);
  });

  it("is no formula where only a part of the record is shown", () => {
    expect(shownValues(set, {}, all, onlooker, false)).not.toHaveProperty("sum");
  });
});
