import type { DescField } from "@bufbuild/protobuf";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { LocalizedText } from "@keynode/contracts/crm/chassis/v1/localized_text";
import type { Example } from "@keynode/contracts/examples";
import type { Locale } from "@keynode/decider/error-table";
import { typeOf } from "@keynode/fields/checked-value";
import { holders } from "@keynode/fields/holders";
import { isKeptKind, type KeptKind, properties } from "@keynode/fields/kinds";
import type { JsonSchema } from "./json-schema.ts";

/** The schema of what records have in their custom fields; undefined for any other field, and for tenants without some. */
export type CustomValuesSchema = (
  field: DescField,
  parts: {
    /** The schema that such values have of any field. */
    readonly any: JsonSchema;
    /** That of one property of them, such as `number`. */
    readonly property: (name: string) => JsonSchema;
    /** Whether null clears a value. */
    readonly clears: boolean;
  },
) => JsonSchema | undefined;

/** No tenant's in particular. */
export const anyCustomValues: CustomValuesSchema = () => undefined;

/** The values that a tenant's own fields have, each of its kind and within its limits, in the language of whoever asks. */
export const customValuesOf = (fields: readonly CustomField[], locale: Locale): CustomValuesSchema => {
  const byMessage = new Map(
    [...Map.groupBy(fields, ({ collection }) => collection)].flatMap(([collection, own]) => {
      const holder = holders().get(collection);
      return holder === undefined ? [] : [[holder.message.typeName, own.toSorted(inOrder)] as const];
    }),
  );
  return ({ parent, name }, { any, property, clears }) => {
    const own = name === "custom_fields" ? byMessage.get(parent.typeName) : undefined;
    if (own === undefined) return undefined;
    const schemaOf = (field: CustomField): JsonSchema => {
      const kind = field.kind === "FORMULA" ? field.formulaKind : field.kind;
      if (!isKeptKind(kind)) return any;
      const typed = typedValue(field, kind, property(properties[kind]), locale);
      // A value of a former kind, and a formula without a result.
      const problem: JsonSchema = { allOf: [any], required: ["problem"] };
      return { anyOf: [typed, problem, ...(clears ? [{ type: "null" }] : [])], ...described(field, locale) };
    };
    return {
      type: "object",
      properties: Object.fromEntries(own.map((field) => [field.key, schemaOf(field)])),
      additionalProperties: false,
    };
  };
};

const inOrder = (a: CustomField, b: CustomField): number => a.position - b.position || (a.key < b.key ? -1 : 1);

const typedValue = (field: CustomField, kind: KeptKind, any: JsonSchema, locale: Locale): JsonSchema => ({
  type: "object",
  properties: { [properties[kind]]: { ...any, ...limitsOf(field, kind, any), ...choicesText(field, locale) } },
  required: [properties[kind]],
  additionalProperties: false,
});

const limitsOf = (
  { min, max, maxLength, pattern, choices, currencyCode, referenceCollection }: CustomField,
  kind: KeptKind,
  any: JsonSchema,
): JsonSchema => {
  const ids = choices.map(({ id }) => id);
  switch (kind) {
    case "TEXT":
      return {
        ...(maxLength !== undefined && { maxLength }),
        ...(isReadByAll(pattern) && { pattern: whole(pattern) }),
      };
    case "NUMBER":
      return { ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) };
    case "MONEY":
      return currencyCode === "" ? {} : { properties: { currencyCode: { const: currencyCode } } };
    case "DATE":
      return { format: "date" };
    case "CHOICE":
      return ids.length === 0 ? {} : { enum: ids };
    case "CHOICES":
      return ids.length === 0 ? {} : { items: { ...any.items, enum: ids } };
    case "REFERENCE":
      return { pattern: `^${typeOf(referenceCollection) ?? "[a-z]{1,62}"}_[0-7][0-9a-hjkmnp-tv-z]{25}$` };
    default:
      return {};
  }
};

const whole = (pattern: string): string => `^(?:${pattern})$`;

/** Patterns are RE2's, and this document's those of ECMA-262: one that only the former understands is left out. */
const isReadByAll = (pattern: string): boolean => {
  if (pattern === "") return false;
  try {
    return new RegExp(whole(pattern), "u").unicode;
  } catch {
    return false;
  }
};

/** What each choice is called, as other enums of the document tell it. */
const choicesText = ({ choices }: CustomField, locale: Locale): JsonSchema => {
  const lines = choices.map(({ id, displayName, retired }) => {
    const name = inLanguage(displayName, locale) || id;
    return `- \`${id}\`: ${name}${retired ? retiredRemark[locale] : ""}`;
  });
  return lines.length === 0 ? {} : { description: lines.join("\n") };
};

const retiredRemark: Readonly<Record<Locale, string>> = { en: " (retired)", zh: "（已停用）" };
const requiredRemark: Readonly<Record<Locale, string>> = {
  en: "Required for new records.",
  zh: "新建记录时必填。",
};

const described = (field: CustomField, locale: Locale): JsonSchema => {
  const { displayName, helpText, unit, required, retireTime, kind, sensitive } = field;
  const name = inLanguage(displayName, locale);
  const description = [inLanguage(helpText, locale), required ? requiredRemark[locale] : ""].filter(Boolean).join(" ");
  return {
    title: unit === "" ? name : `${name} (${unit})`,
    ...(description !== "" && { description }),
    ...(retireTime !== undefined && { deprecated: true }),
    ...(kind === "FORMULA" && { readOnly: true }),
    ...(sensitive && { "x-sensitive": true }),
  };
};

/** A text that is missing in one language is shown in the other's words. */
const inLanguage = (text: LocalizedText | undefined, locale: Locale): string =>
  text?.[locale] || text?.[locale === "en" ? "zh" : "en"] || "";

/** Examples without what records have in custom fields. */
export const withoutCustomValues = (examples: Readonly<Record<string, Example>>): Readonly<Record<string, Example>> =>
  JSON.parse(JSON.stringify(examples), (name, value: unknown) =>
    // The list of fields has that name, too.
    name === "customFields" && !Array.isArray(value) ? undefined : value,
  );
