import type { DescField, JsonObject } from "@bufbuild/protobuf";
import { fieldBehavior } from "@keynode/contracts/descriptors";
import { nameOf, rulesFor, validationOf } from "../contract.ts";
import { isText } from "./field-kind.ts";
import type { Rules } from "./rule.ts";

/** The rules of a text field's value, or of each of a list of texts. */
const textRules = (field: DescField): JsonObject => {
  const rules = validationOf(field);
  return rulesFor(field.fieldKind === "list" ? rulesFor(rulesFor(rules, "repeated"), "items") : rules, "string");
};

const isBounded = (field: DescField): boolean => {
  const rules = validationOf(field);
  const text = textRules(field);
  const { maxPairs, keys } = rulesFor(rules, "map");
  return (
    (!isText(field) || "maxLen" in text || "pattern" in text) &&
    (field.fieldKind !== "list" || "maxItems" in rulesFor(rules, "repeated")) &&
    (field.fieldKind !== "map" || (maxPairs !== undefined && keys !== undefined))
  );
};

const isWholePattern = (pattern: string): boolean => {
  try {
    return /^\^.*\$$/.test(pattern) && new RegExp(pattern, "u").source !== "";
  } catch {
    return false;
  }
};

export const ofInputs = {
  "says whether it is required": ({ inputs }) => {
    const carriers = new Set(inputs.map(({ parent }) => parent));
    return [...carriers]
      .flatMap((message) => message.fields)
      .filter((field) => !field.parent.name.endsWith("Cursor") && fieldBehavior(field).length === 0)
      .map(nameOf);
  },

  "is bounded: texts in length, lists in number": ({ inputs }) =>
    inputs.filter((field) => !isBounded(field)).map(nameOf),

  "has a pattern that holds from the first character to the last": ({ inputs }) =>
    inputs
      .filter((field) => {
        const { pattern } = textRules(field);
        return typeof pattern === "string" && !isWholePattern(pattern);
      })
      .map(nameOf),

  "takes declared enum values only": ({ inputs }) =>
    inputs
      .filter((field) => field.fieldKind === "enum" && rulesFor(validationOf(field), "enum").definedOnly !== true)
      .map(nameOf),

  "demands presence by a rule where it is required, outside of resources": ({ inputs, resources }) =>
    inputs
      .filter((field) => fieldBehavior(field).includes("REQUIRED") && !resources.includes(field.parent))
      .filter((field) => {
        const rules = validationOf(field);
        const { minLen, pattern, email } = rulesFor(rules, "string");
        const { notIn } = rulesFor(rules, "enum");
        const { gte } = rulesFor(rules, "int32");
        const { minItems } = rulesFor(rules, "repeated");
        const demands = rules.required ?? minLen ?? pattern ?? email ?? notIn ?? gte ?? minItems;
        return demands === undefined || rules.ignore !== undefined;
      })
      .map(nameOf),

  "demands no presence inside a resource, of which an update may name any part": ({ resources }) =>
    resources
      .flatMap((resource) => resource.fields)
      .filter((field) => {
        const rules = validationOf(field);
        const text = rulesFor(rules, "string");
        const isStrict = ["pattern", "minLen", "email", "uri"].some((rule) => rule in text);
        return rules.required === true || (isStrict && rules.ignore !== "IGNORE_IF_ZERO_VALUE");
      })
      .map(nameOf),
} as const satisfies Rules;
