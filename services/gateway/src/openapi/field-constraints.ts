import {
  type DescField,
  getOption,
  hasOption,
  type JsonObject,
  type JsonValue,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";
import type { JsonSchema } from "./json-schema.ts";

/** What buf.validate demands of a field, as JSON Schema has it. */
export type FieldConstraints = {
  readonly isRequired: boolean;
  /** Of the value; for a list of the list itself. */
  readonly own: JsonSchema;
  /** Of a list's items or a map's values. */
  readonly items: JsonSchema;
};

const NONE: FieldConstraints = { isRequired: false, own: {}, items: {} };

/** Reads the rules that have a counterpart in JSON Schema; the others stay the services' own. */
export const createConstraints = (registry: Registry): ((field: DescField) => FieldConstraints) => {
  const option = registry.getExtension("buf.validate.field");
  return (field) => {
    if (option?.message === undefined || !hasOption(field, option)) return NONE;
    const value: unknown = getOption(field, option);
    if (typeof value !== "object" || value === null || !("$typeName" in value)) return NONE;
    const rules = objectOf(toJson(option.message, value as never, { registry }));
    return {
      isRequired: rules["required"] === true,
      own: valueSchema(rules),
      items: valueSchema(objectOf(objectOf(rules["repeated"])["items"] ?? objectOf(rules["map"])["values"])),
    };
  };
};

const objectOf = (json: JsonValue | undefined): JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};

const NUMBERS = ["int32", "uint32", "sint32", "fixed32", "sfixed32", "float", "double"] as const;

/** JSON Schema's words for protovalidate's, by kind of rule. */
const KEYWORDS: Readonly<Record<string, Readonly<Record<string, keyof JsonSchema>>>> = {
  string: { minLen: "minLength", maxLen: "maxLength", pattern: "pattern", const: "const", in: "enum" },
  repeated: { minItems: "minItems", maxItems: "maxItems", unique: "uniqueItems" },
  map: { minPairs: "minProperties", maxPairs: "maxProperties" },
  bool: { const: "const" },
  ...Object.fromEntries(
    NUMBERS.map((type) => [
      type,
      { gte: "minimum", lte: "maximum", gt: "exclusiveMinimum", lt: "exclusiveMaximum", const: "const", in: "enum" },
    ]),
  ),
};

const FORMATS: Readonly<Record<string, string>> = {
  email: "email",
  hostname: "hostname",
  ipv4: "ipv4",
  ipv6: "ipv6",
  uri: "uri",
  uriRef: "uri-reference",
  uuid: "uuid",
};

const valueSchema = (rules: JsonObject): JsonSchema => {
  const schema: Record<string, unknown> = {};
  for (const [kind, words] of Object.entries(KEYWORDS)) {
    const given = objectOf(rules[kind]);
    for (const [rule, keyword] of Object.entries(words)) {
      const value = given[rule];
      if (value !== undefined) schema[keyword] = COUNTS.has(keyword) ? Number(value) : value;
    }
  }
  const text = objectOf(rules["string"]);
  for (const [rule, format] of Object.entries(FORMATS)) if (text[rule] === true) schema["format"] = format;
  if (text["len"] !== undefined) schema["minLength"] = schema["maxLength"] = Number(text["len"]);
  return schema;
};

/** uint64 in protovalidate, so strings in its JSON. */
const COUNTS: ReadonlySet<string> = new Set([
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
]);
