import {
  type DescField,
  type DescMessage,
  type DescOneof,
  getOption,
  hasOption,
  type JsonObject,
  type JsonValue,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";
import { ruleMessage } from "@keynode/grpc/rule-messages";
import type { JsonSchema } from "./json-schema.ts";

/** What buf.validate demands of a field, as JSON Schema has it. */
export type FieldConstraints = {
  readonly isRequired: boolean;
  /** Of the value; for a list of the list itself. */
  readonly own: JsonSchema;
  /** Of a list's items or a map's values. */
  readonly items: JsonSchema;
  /** Sentences about the rules that JSON Schema has no word for. */
  readonly remarks: readonly string[];
};

export type Constraints = {
  readonly ofField: (field: DescField) => FieldConstraints;
  /** Sentences about the rules that concern several fields of a message. */
  readonly ofMessage: (message: DescMessage) => readonly string[];
};

const NONE: FieldConstraints = { isRequired: false, own: {}, items: {}, remarks: [] };

/** Reads the rules of buf.validate: into JSON Schema what it can say, into sentences the rest. */
export const createConstraints = (registry: Registry): Constraints => {
  const rulesOf = (described: DescField | DescMessage | DescOneof, name: string): JsonObject => {
    const option = registry.getExtension(name);
    if (option?.message === undefined || !hasOption(described, option)) return {};
    const value: unknown = getOption(described, option);
    if (typeof value !== "object" || value === null || !("$typeName" in value)) return {};
    return objectOf(toJson(option.message, value as never, { registry }));
  };

  return {
    ofField: (field) => {
      const rules = rulesOf(field, "buf.validate.field");
      if (Object.keys(rules).length === 0) return NONE;
      return {
        isRequired: rules["required"] === true,
        own: valueSchema(rules),
        items: valueSchema(objectOf(objectOf(rules["repeated"])["items"] ?? objectOf(rules["map"])["values"])),
        remarks: [...new Set([...remarksOf(rules), ...messagesOf(rules)])],
      };
    },
    ofMessage: (message) => {
      const rules = rulesOf(message, "buf.validate.message");
      return [
        ...message.oneofs.map((oneof) => {
          const isNeeded = rulesOf(oneof, "buf.validate.oneof")["required"] === true;
          return together(
            oneof.fields.map(({ jsonName }) => jsonName),
            isNeeded,
          );
        }),
        ...listOf(rules["oneof"]).map((rule) => {
          const { fields, required } = objectOf(rule);
          const names = listOf(fields)
            .map(textOf)
            .map((name) => message.field[name]?.jsonName ?? name);
          return together(names, required === true);
        }),
        ...messagesOf(rules),
      ];
    },
  };
};

const together = (names: readonly string[], isNeeded: boolean): string =>
  `${isNeeded ? "Exactly" : "At most"} one of ${names.map((name) => `\`${name}\``).join(", ")} may be given.`;

/** What the contract's own expressions (CEL) say of values that they refuse. */
const messagesOf = (rules: JsonObject): string[] =>
  listOf(rules["cel"]).flatMap((rule) => {
    const { message } = objectOf(rule);
    return typeof message === "string" && message !== "" ? [sentence(message)] : [];
  });

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

const listOf = (json: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(json) ? json : []);

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

/** A field that is empty is left alone by its rules. */
const orEmpty = (schema: JsonSchema, rules: JsonObject): JsonSchema => {
  if (rules["ignore"] !== "IGNORE_IF_ZERO_VALUE") return schema;
  const { pattern, format, minLength, ...rest } = schema;
  if (format === undefined && minLength === undefined)
    return pattern === undefined ? rest : { ...rest, pattern: `^$|${pattern}` };
  const strict = {
    ...(pattern !== undefined && { pattern }),
    ...(format !== undefined && { format }),
    ...(minLength !== undefined && { minLength }),
  };
  return { ...rest, anyOf: [strict, { maxLength: 0 }] };
};

const valueSchema = (rules: JsonObject): JsonSchema => orEmpty(strictSchema(rules), rules);

const strictSchema = (rules: JsonObject): JsonSchema => {
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

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Rules that the schema says in other ways: by an enum's values, by `required`, or as above. */
const SAID: ReadonlySet<string> = new Set([...Object.keys(FORMATS), "len", "definedOnly", "items", "keys", "values"]);

const remarksOf = (rules: JsonObject): string[] =>
  Object.entries(rules).flatMap(([kind, given]) => {
    if (kind === "enum" || kind === "cel") return [];
    const settings = new Map(
      Object.entries(objectOf(given)).map(([rule, value]) => [
        snakeCase(rule),
        Array.isArray(value) ? value.map(textOf).join(", ") : textOf(value),
      ]),
    );
    return Object.keys(objectOf(given)).flatMap((rule) => {
      if (SAID.has(rule) || KEYWORDS[kind]?.[rule] !== undefined) return [];
      const said = ruleMessage(`${kind}.${snakeCase(rule)}`, settings, "en");
      return said === undefined ? [] : [sentence(`It ${said}`)];
    });
  });

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** uint64 in protovalidate, so strings in its JSON. */
const COUNTS: ReadonlySet<string> = new Set([
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
]);
