import type { Registry } from "@bufbuild/protobuf";
import type { Tool as ToolDefinition } from "@modelcontextprotocol/server";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { createMessageSchemas, type MessageSchemas } from "../openapi/message-schemas.ts";
import { variableNames } from "../transcoder/routes.ts";
import { isPaged, MAX_PAGE_SIZE, PAGE_SIZE } from "./read-tool.ts";
import type { Tool } from "./tool.ts";

/** An object's schema that stands by itself: what it refers to is in it. */
export type ClosedSchema = ToolDefinition["inputSchema"];

/** The schemas of tools, made of those of the OpenAPI document. */
export type ToolSchemas = {
  readonly input: (tool: Tool) => ClosedSchema;
  readonly answer: (tool: Tool) => ClosedSchema;
  /** Closes a schema of an answer, which programs check it by: what fields mean is said where they are given. */
  readonly closeAnswer: (schema: JsonSchema) => ClosedSchema;
  readonly messages: MessageSchemas;
};

const COMPONENTS = "#/components/schemas/";
/** Formats that agents' validators know beyond JSON Schema's own; others they complain about. */
const UNKNOWN_FORMATS: ReadonlySet<string> = new Set(["uint32", "uint64"]);

export const createToolSchemas = (registry: Registry): ToolSchemas => {
  const messages = createMessageSchemas(registry);

  /** What a reference names, as far as the root of a schema may be none. */
  const resolved = ({ $ref, allOf, ...rest }: JsonSchema): JsonSchema => {
    const parts = [...($ref === undefined ? [] : [{ $ref }]), ...(allOf ?? [])].map((part) =>
      part.$ref === undefined ? part : (messages.components()[part.$ref.slice(COMPONENTS.length)] ?? part),
    );
    return Object.assign({}, ...parts, rest) as JsonSchema;
  };

  const close = (schema: JsonSchema, isTold: boolean): ClosedSchema => {
    const defs = new Map<string, JsonSchema>();
    const rewritten = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(rewritten);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => member(name, inner)));
    };
    const member = (name: string, inner: unknown): [string, unknown][] => {
      if (name === "$ref" && typeof inner === "string") return [[name, `#/$defs/${define(inner)}`]];
      if (!isTold && name === "description" && typeof inner === "string") return [];
      if (name.startsWith("x-") || (name === "format" && UNKNOWN_FORMATS.has(String(inner)))) return [];
      return [[name, rewritten(inner)]];
    };
    const define = (reference: string): string => {
      const name = reference.slice(COMPONENTS.length);
      if (!defs.has(name)) {
        // Held before it is made: a message may contain itself.
        defs.set(name, {});
        defs.set(name, rewritten(messages.components()[name] ?? {}) as JsonSchema);
      }
      return name;
    };
    const root = rewritten(resolved(schema)) as object;
    return { ...root, type: "object", ...(defs.size > 0 && { $defs: Object.fromEntries(defs) }) } as ClosedSchema;
  };

  return {
    messages,
    closeAnswer: (schema) => close(schema, false),
    input: (tool) => close(inputOf(tool, messages, resolved), true),
    answer: ({ route }) => close(messages.message(route.method.output), false),
  };
};

/** Path, query and body of a route in one object, without what only answers tell. */
const inputOf = (tool: Tool, messages: MessageSchemas, resolved: (schema: JsonSchema) => JsonSchema): JsonSchema => {
  const { route, fields } = tool;
  const { method, body, verb, variables } = route;
  const names = variableNames(route);
  const ofPath = names.flatMap((name, index) => {
    const field = variables[index]?.at(-1);
    return field === undefined ? [] : [[name, writable(messages.field(field))] as const];
  });
  const beside = method.input.fields.filter(({ jsonName }) => body !== "*" && fields.has(jsonName));
  const inPath = new Set(variables.flatMap((one) => one));
  const whole =
    body === undefined || (body !== "*" && body.message === undefined)
      ? {}
      : resolved(
          messages.body(body === "*" ? method.input : (body.message ?? method.input), {
            without: inPath,
            isWhole: verb !== "PATCH",
          }),
        );
  const inBody = Object.entries(whole.properties ?? {}).filter(
    ([name, { readOnly }]) => readOnly !== true && !names.includes(name),
  );
  const properties = Object.fromEntries([
    ...ofPath,
    ...inBody,
    ...beside.map((field) => [field.jsonName, messages.field(field)] as const),
  ]);
  const required = [
    ...names,
    ...(whole.required ?? []).filter((name) => Object.hasOwn(properties, name)),
    ...beside.filter(messages.isRequired).map(({ jsonName }) => jsonName),
  ];
  return {
    type: "object",
    properties: isPaged(tool) ? { ...properties, pageSize: PAGE_SIZE_SCHEMA } : properties,
    ...(required.length > 0 && { required: [...new Set(required)] }),
    additionalProperties: false,
  };
};

/** The id in a path is the caller's to give, though it is output elsewhere. */
const writable = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== "readOnly"));

const PAGE_SIZE_SCHEMA: JsonSchema = {
  type: "integer",
  minimum: 1,
  maximum: MAX_PAGE_SIZE,
  description: `Rows of one page, ${PAGE_SIZE} unless asked. Fewer come where the answer would be too long; \`nextPageToken\` goes on.`,
};
