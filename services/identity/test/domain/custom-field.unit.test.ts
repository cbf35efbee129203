import { CustomField, CustomField_Conversion } from "@keynode/contracts/crm/identity/v1/custom_field";
import { ChangeCustomFieldKindRequest } from "@keynode/contracts/crm/identity/v1/custom_field_service";
import { isDomainError } from "@keynode/decider/domain-error";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import type { CustomFieldContext, CustomFieldEvent } from "../../src/domain/custom-field/custom-field.ts";
import { decide, fieldLimit, heldLimit } from "../../src/domain/custom-field/decide.ts";
import { evolve } from "../../src/domain/custom-field/evolve.ts";

const now = new Date("2026-01-05T09:00:00Z");
const context: CustomFieldContext = { now, others: [], held: 0, slots: new Set(), roles: new Set() };
const given = specify({ decide, evolve });
const field = (more: Parameters<typeof CustomField.fromPartial>[0] = {}) =>
  CustomField.fromPartial({
    collection: "leads",
    key: "shoeSize",
    kind: "NUMBER",
    displayName: { en: "Shoe size" },
    ...more,
  });
const create = (more: Parameters<typeof CustomField.fromPartial>[0] = {}) =>
  ({ type: "CreateCustomField", customField: field(more) }) as const;
const created = (more: Parameters<typeof CustomField.fromPartial>[0] = {}) =>
  ({ type: "CustomFieldCreated", customField: field(more) }) as const;

const problemsOf = (more: Parameters<typeof CustomField.fromPartial>[0], known = context): string[] => {
  const outcome = decide(create(more), undefined, known);
  if (!isDomainError(outcome)) return [];
  expect(outcome.reason).toBe("CUSTOM_FIELD_INVALID");
  return outcome.violations.map(({ field: name, reason }) => `${name} ${reason}`);
};

describe("a definition", () => {
  it.each([
    [
      "is for records that take fields",
      { collection: "roles" },
      ["custom_field.collection COLLECTION_TAKES_NO_FIELDS"],
    ],
    ["has a name", { displayName: {} }, ["custom_field.display_name FIELD_REQUIRED"]],
    ["has limits that leave something", { min: 3, max: 2 }, ["custom_field.max BELOW_THE_LEAST"]],
    [
      "has parts of its kind only",
      { kind: "DATE", min: 1, pattern: "a" },
      ["custom_field.min NOT_OF_THIS_KIND", "custom_field.pattern NOT_OF_THIS_KIND"],
    ],
    ["has a pattern of RE2's", { kind: "TEXT", pattern: "(a)\\1" }, ["custom_field.pattern PATTERN_MALFORMED"]],
    ["of a choice has something to choose", { kind: "CHOICE" }, ["custom_field.choices CHOICES_OR_VOCABULARY"]],
    [
      "has each choice once",
      { kind: "CHOICE", choices: [{ id: "a" }, { id: "a" }] },
      ["custom_field.choices CHOICE_REPEATED"],
    ],
    [
      "leads somewhere",
      { kind: "REFERENCE", referenceCollection: "shoes" },
      ["custom_field.reference_collection NO_SUCH_COLLECTION"],
    ],
    [
      "has a default that it would take",
      { max: 50, defaultValue: { number: 51 } },
      ["custom_field.default_value CUSTOM_FIELD_OUT_OF_RANGE"],
    ],
    [
      "is needed from a status that there is",
      { requiredFrom: ["QUALIFIED", "SOLD"] },
      ["custom_field.required_from NO_SUCH_STAGE"],
    ],
    [
      "is sortable where its values have an order",
      { kind: "MONEY", sortable: true },
      ["custom_field.sortable NOT_OF_THIS_KIND"],
    ],
    ["names roles that there are", { readerRoleIds: ["role_x"] }, ["custom_field.reader_role_ids NO_SUCH_ROLE"]],
    [
      "of a formula keeps nothing",
      { kind: "FORMULA", formula: "1", formulaKind: "NUMBER", required: true },
      ["custom_field.required NOT_OF_THIS_KIND"],
    ],
    [
      "of a formula says what it results in",
      { kind: "FORMULA", formula: "1" },
      ["custom_field.formula_kind FIELD_REQUIRED"],
    ],
    [
      "of a formula names fields that there are",
      { kind: "FORMULA", formula: "customFields.no", formulaKind: "NUMBER" },
      ["custom_field.formula FORMULA_UNKNOWN_NAME"],
    ],
    [
      "of a formula results in what it says",
      { kind: "FORMULA", formula: "1 > 0", formulaKind: "NUMBER" },
      ["custom_field.formula FORMULA_RESULT_MISMATCH"],
    ],
  ] as const)("%s", (_rule, more, problems) => {
    expect(problemsOf(more as never)).toEqual(problems);
  });

  it("names everything that is wrong with it at once", () => {
    expect(problemsOf({ collection: "roles", displayName: {}, min: 2, max: 1 })).toHaveLength(3);
  });

  it("takes stages of the tenant's own by their keys", () => {
    expect(problemsOf({ collection: "opportunities", requiredFrom: ["negotiation"] })).toEqual([]);
  });
});

it("a collection has two hundred fields at most", () => {
  const others = Array.from({ length: fieldLimit }, () => field());
  given
    .given()
    .when(create(), { ...context, others })
    .thenRefused("CUSTOM_FIELD_LIMIT_REACHED", { limit: "200" });
});

it("a collection has had a thousand fields at most, deleted ones too", () => {
  given
    .given()
    .when(create(), { ...context, held: heldLimit })
    .thenRefused("CUSTOM_FIELD_LIMIT_REACHED", { limit: "1000" });
});

it("a sortable field gets the first order that is free, the ninth none", () => {
  const sortable = create({ sortable: true });
  given
    .given()
    .when(sortable, { ...context, slots: new Set([1, 2, 4]) })
    .thenTypes(["CustomFieldCreated"], ({ sortSlot }) => {
      expect(sortSlot).toBe(3);
    });
  const eight = new Set([1, 2, 3, 4, 5, 6, 7, 8]);
  given
    .given()
    .when(sortable, { ...context, slots: eight })
    .thenRefused("SORTABLE_LIMIT_REACHED", { limit: "8" });
});

it("a field changes its kind and leaves behind what only the former had", () => {
  const change = {
    type: "ChangeCustomFieldKind" as const,
    ...ChangeCustomFieldKindRequest.fromPartial({ kind: "TEXT" }),
  };
  const history = given.given(created({ min: 1, unit: "mm", defaultValue: { number: 2 } }));
  history.when(change, context).thenTypes(["CustomFieldKindChanged"], (after) => {
    expect(after).toMatchObject({ kind: "TEXT", min: undefined, unit: "", defaultValue: undefined });
  });
  history.when({ ...change, kind: "NUMBER" }, context).thenNothing();
  history.when({ ...change, kind: "FORMULA" }, context).thenRefused("KIND_NOT_CHANGEABLE");
  given
    .given(created({ sortable: true }))
    .when(change, context)
    .thenRefused("KIND_NOT_CHANGEABLE");
});

it("a change to money or from it says the currency, and no other change does", () => {
  const to = (kind: "MONEY" | "NUMBER" | "TEXT") => ({
    type: "ChangeCustomFieldKind" as const,
    ...ChangeCustomFieldKindRequest.fromPartial({ kind, currencyCode: "CNY" }),
  });
  given
    .given(created({ unit: "pairs" }))
    .when(to("MONEY"), context)
    .thenTypes(["CustomFieldKindChanged"], (after) => {
      expect(after).toMatchObject({ kind: "MONEY", currencyCode: "CNY", unit: "" });
    });
  given
    .given(created({ kind: "MONEY", currencyCode: "CNY" }))
    .when(to("NUMBER"), context)
    .thenTypes(["CustomFieldKindChanged"], (after) => {
      expect(after).toMatchObject({ kind: "NUMBER", currencyCode: "", unit: "CNY" });
    });
  given.given(created()).when(to("TEXT"), context).thenRefused("CUSTOM_FIELD_INVALID");
});

it("a change of kind ends once, and only the latest", () => {
  const changed = {
    type: "CustomFieldKindChanged",
    fromKind: "NUMBER",
    toKind: "TEXT",
    changeTime: now,
    choices: [],
    vocabulary: "",
    referenceCollection: "",
    currencyCode: "",
  } as const satisfies CustomFieldEvent;
  const told = CustomField_Conversion.fromPartial({
    fromKind: "NUMBER",
    startTime: now,
    state: "DONE",
    convertedCount: 3,
    keptCount: 1,
    finishTime: now,
  });
  const conclude = (conversion: CustomField_Conversion) => ({ type: "ConcludeConversion", conversion }) as const;
  const begun = given.given(created(), changed);
  begun.when(conclude(told), context).thenTypes(["CustomFieldConverted"], (after) => {
    expect(after.conversion).toEqual(told);
  });
  begun.when(conclude({ ...told, state: "RUNNING" }), context).thenNothing();
  begun.when(conclude({ ...told, startTime: new Date("2026-01-04T09:00:00Z") }), context).thenNothing();
  const { convertedCount, keptCount, finishTime } = told;
  given
    .given(created(), changed, { type: "CustomFieldConverted", convertedCount, keptCount, finishTime })
    .when(conclude(told), context)
    .thenNothing();
});

it("a field is retired, taken back and deleted once", () => {
  const at = { id: "", etag: "" };
  given
    .given(created())
    .when({ type: "RetireCustomField", ...at }, context)
    .then({ type: "CustomFieldRetired", retireTime: now });
  const retired = given.given(created(), { type: "CustomFieldRetired", retireTime: now });
  retired.when({ type: "RetireCustomField", ...at }, context).thenNothing();
  retired.when({ type: "UnretireCustomField", ...at }, context).then({ type: "CustomFieldUnretired" });
  given
    .given(created())
    .when({ type: "UnretireCustomField", ...at }, context)
    .thenNothing();
  const deleted = given.given(created(), { type: "CustomFieldDeleted", deleteTime: now });
  deleted.when({ type: "DeleteCustomField", ...at }, context).thenNothing();
  deleted.when({ type: "UndeleteCustomField", ...at }, context).then({ type: "CustomFieldRestored", sortSlot: 0 });
});
