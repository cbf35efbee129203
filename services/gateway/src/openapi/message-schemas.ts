import { type DescEnum, type DescField, type DescMessage, type Registry, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { fieldBehavior, fieldRules } from "@keynode/contracts/descriptors";
import { documentation } from "@keynode/contracts/documentation";
import { createConstraints } from "./field-constraints.ts";
import { anyCustomValues, type CustomValuesSchema } from "./custom-values.ts";
import type { JsonSchema } from "./json-schema.ts";
import { maskRemarks } from "./mask-remark.ts";

/** Schemas of messages as proto3 JSON has them; those asked for are collected as components. */
export type MessageSchemas = {
  /** A reference to the message's component, or the schema of a type with a JSON form of its own. */
  readonly message: (desc: DescMessage) => JsonSchema;
  readonly field: (field: DescField) => JsonSchema;
  /** A message as a request body: closed, `required` as declared, without the fields that the path fills. */
  readonly body: (desc: DescMessage, options: BodyOptions) => JsonSchema;
  readonly isRequired: (field: DescField) => boolean;
  readonly components: () => Readonly<Record<string, JsonSchema>>;
};

export type BodyOptions = {
  readonly without: ReadonlySet<DescField>;
  /** False where a part may be sent: PATCH. */
  readonly isWhole: boolean;
};

const INT64: JsonSchema = { type: "string", format: "int64", pattern: "^-?\\d{1,19}$" };
const UINT64: JsonSchema = { type: "string", format: "uint64", pattern: "^\\d{1,20}$" };
const INT32: JsonSchema = { type: "integer", format: "int32" };
const UINT32: JsonSchema = { type: "integer", format: "uint32", minimum: 0 };

const SCALARS: Readonly<Record<ScalarType, JsonSchema>> = {
  [ScalarType.DOUBLE]: { type: "number", format: "double" },
  [ScalarType.FLOAT]: { type: "number", format: "float" },
  [ScalarType.INT64]: INT64,
  [ScalarType.SINT64]: INT64,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.UINT64]: UINT64,
  [ScalarType.FIXED64]: UINT64,
  [ScalarType.INT32]: INT32,
  [ScalarType.SINT32]: INT32,
  [ScalarType.SFIXED32]: INT32,
  [ScalarType.UINT32]: UINT32,
  [ScalarType.FIXED32]: UINT32,
  [ScalarType.BOOL]: { type: "boolean" },
  [ScalarType.STRING]: { type: "string" },
  [ScalarType.BYTES]: { type: "string", contentEncoding: "base64" },
};

/** As the codec takes them: `*`, or lowerCamelCase names with dots between, `*` among them. */
const MASK_PATH = "(\\*|[a-z][A-Za-z0-9]*(\\.(\\*|[a-z][A-Za-z0-9]*))*)";

const WELL_KNOWN: Readonly<Record<string, JsonSchema>> = {
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  "google.protobuf.Duration": { type: "string", pattern: "^-?\\d{1,12}(\\.\\d{1,9})?s$" },
  "google.protobuf.FieldMask": {
    type: "string",
    pattern: `^(${MASK_PATH}(,${MASK_PATH})*)?$`,
    description: "Field paths in lowerCamelCase, separated by commas.",
  },
  "google.protobuf.Struct": { type: "object", additionalProperties: true },
  "google.protobuf.Value": {},
  "google.protobuf.ListValue": { type: "array", items: {} },
  "google.protobuf.Empty": { type: "object", additionalProperties: false },
  "google.protobuf.Any": {
    type: "object",
    properties: { "@type": { type: "string", description: "URL that ends in the message's full name." } },
    required: ["@type"],
    additionalProperties: true,
  },
};

/** `customValues` are those that a tenant's records have in its own fields. */
export const createMessageSchemas = (
  registry: Registry,
  customValues: CustomValuesSchema = anyCustomValues,
): MessageSchemas => {
  const constraints = createConstraints(registry);
  const components = new Map<string, JsonSchema>();
  const typeOf = new Map<string, string>();

  /** Ours by their short name, `Lead.Status`, unless another has it; others by their full one. */
  const nameOf = ({ typeName, file }: DescMessage | DescEnum): string => {
    const short = typeName.startsWith("crm.") ? typeName.slice(file.proto.package.length + 1) : typeName;
    const holder = typeOf.get(short) ?? typeName;
    typeOf.set(short, holder);
    return holder === typeName ? short : typeName;
  };

  const component = (desc: DescMessage | DescEnum, make: () => JsonSchema): JsonSchema => {
    const name = nameOf(desc);
    if (!components.has(name)) {
      // Held before it is made: a message may contain itself.
      components.set(name, {});
      components.set(name, make());
    }
    return { $ref: `#/components/schemas/${name}` };
  };

  const message = (desc: DescMessage): JsonSchema => {
    const special = WELL_KNOWN[desc.typeName];
    if (special) return special;
    if (isWrapperDesc(desc)) {
      const { type, ...rest } = SCALARS[desc.fields[0].scalar];
      return { ...rest, type: [String(type), "null"] };
    }
    return component(desc, () => ({
      type: "object",
      ...described(desc, constraints.ofMessage(desc)),
      properties: properties(desc.fields),
      // Requests may hold nothing else, and answers never do: the gateway knows no other field.
      additionalProperties: false,
    }));
  };

  const properties = (fields: readonly DescField[]): Record<string, JsonSchema> =>
    Object.fromEntries(fields.map((one) => [one.jsonName, field(one)]));

  const enumeration = (desc: DescEnum): JsonSchema =>
    component(desc, () => {
      const values = desc.values.filter(({ number, name }) => number !== 0 || !name.endsWith("_UNSPECIFIED"));
      const lines = values.map((value) => `- \`${value.jsonName}\`: ${jsonNames(documentation(value))}`);
      return {
        type: "string",
        enum: values.map(({ jsonName }) => jsonName),
        description: [jsonNames(documentation(desc)), lines.join("\n")].filter(Boolean).join("\n\n"),
      };
    });

  const value = (one: DescField): JsonSchema => {
    if (one.scalar !== undefined) return SCALARS[one.scalar];
    return one.enum ? enumeration(one.enum) : message(one.message);
  };

  const field = (one: DescField, clears = false): JsonSchema => {
    const { own, items, remarks } = constraints.ofField(one);
    const behavior = fieldBehavior(one);
    const { personal, sensitive } = fieldRules(one);
    return {
      ...shape(one, items, clears),
      ...own,
      ...described(one, [...remarks, ...maskRemarks(one)]),
      ...(one.proto.options?.deprecated === true && { deprecated: true }),
      ...(behavior.includes("OUTPUT_ONLY") && { readOnly: true }),
      ...(behavior.includes("INPUT_ONLY") && { writeOnly: true }),
      ...(personal && { "x-personal": true }),
      ...(sensitive && { "x-sensitive": true }),
    };
  };

  const shape = (one: DescField, items: JsonSchema, clears: boolean): JsonSchema => {
    switch (one.fieldKind) {
      case "list":
        return { type: "array", items: { ...value(one), ...items } };
      case "map": {
        const any = { ...value(one), ...items };
        const property = (name: string): JsonSchema => propertyOf(one.message, name);
        return customValues(one, { any, property, clears }) ?? { type: "object", additionalProperties: any };
      }
      default:
        return value(one);
    }
  };

  const propertyOf = (desc: DescMessage | undefined, name: string): JsonSchema => {
    const found = desc?.fields.find(({ localName }) => localName === name);
    return found ? field(found) : {};
  };

  const isRequired = (one: DescField): boolean =>
    fieldBehavior(one).includes("REQUIRED") || constraints.ofField(one).isRequired;

  /** A field that null clears. */
  const clearable = (one: DescField): readonly [string, JsonSchema] => {
    const schema = field(one, true);
    return [one.jsonName, schema.readOnly ? schema : orNull(schema)];
  };

  const changes = (desc: DescMessage): JsonSchema => ({
    type: "object",
    title: `${desc.name}Changes`,
    description: `What to change of the ${desc.name}: fields that are left out stay as they are, and null clears one.`,
    properties: Object.fromEntries(desc.fields.map(clearable)),
    additionalProperties: false,
  });

  const body = (desc: DescMessage, { without, isWhole }: BodyOptions): JsonSchema => {
    const special = WELL_KNOWN[desc.typeName];
    if (special) return special;
    if (!isWhole) return changes(desc);
    const fields = desc.fields.filter((one) => !without.has(one));
    const required = fields.filter(isRequired).map(({ jsonName }) => jsonName);
    const needs = required.length > 0 ? { required } : {};
    if (fields.length === desc.fields.length && !isRequest(desc)) {
      return required.length > 0 ? { allOf: [message(desc)], required } : message(desc);
    }
    return {
      type: "object",
      title: desc.name,
      ...described(desc, constraints.ofMessage(desc)),
      properties: properties(fields),
      ...needs,
      additionalProperties: false,
    };
  };

  return {
    message,
    field: (one) => field(one),
    body,
    isRequired,
    components: () => Object.fromEntries([...components].sort(byName)),
  };
};

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Requests of one method only are written where they are used. */
const isRequest = ({ name }: DescMessage): boolean => name.endsWith("Request");

const described = (desc: DescMessage | DescField, remarks: readonly string[]): JsonSchema => {
  const description = [jsonNames(documentation(desc)), remarks.join(" ")].filter(Boolean).join("\n\n");
  return description === "" ? {} : { description };
};

const orNull = ({ $ref, type, enum: values, ...rest }: JsonSchema): JsonSchema => {
  if ($ref !== undefined) return { ...rest, anyOf: [{ $ref }, { type: "null" }] };
  if (type === undefined) return { ...rest, ...(values && { enum: values }) };
  return {
    type: [...(typeof type === "string" ? [type] : type), "null"],
    ...rest,
    ...(values && { enum: [...values, null] }),
  };
};

/** Comments name fields as proto does; readers of the document know them as JSON does. */
export const jsonNames = (text: string): string =>
  text.replace(/`[a-z][a-z\d]*(?:[_.][a-z][a-z\d]*)+`/g, (name) =>
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
