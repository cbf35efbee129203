import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { documentation } from "@keynode/contracts/documentation";
import { takesRawBody } from "../transcoder/request-message.ts";
import { answerMessage, HTTP_BODY, type Route, variableNames } from "../transcoder/routes.ts";
import { CSV, EVENT_STREAM, NDJSON, streamTypes } from "../transcoder/stream-framing.ts";
import {
  ANSWER_HEADERS,
  DEPRECATION_HEADERS,
  type MediaType,
  type Parameter,
  PARAMETERS,
  RECORD_HEADERS,
  type Reference,
  type Response,
  RESPONSES,
} from "./components.ts";
import { SCIM_TYPE } from "../scim-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import { jsonNames, type MessageSchemas } from "./message-schemas.ts";

export type Operation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly deprecated?: boolean;
  readonly parameters: readonly (Parameter | Reference)[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, MediaType>>;
  };
  readonly responses: Readonly<Record<string, Response | Reference>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  /** The permission that a role must grant. */
  readonly "x-permission"?: string;
};

/** `LeadService` → `Lead`. */
export const tagOf = ({ method }: Route): string => method.parent.name.replace(/Service$/, "");

/** One route as OpenAPI describes it. */
export const operationOf = (route: Route, schemas: MessageSchemas, operationId: string): Operation => {
  const { method, rules, body } = route;
  const text = jsonNames(documentation(method));
  const [summary = method.name] = text.split(/(?<=\.)\s/, 1);
  return {
    operationId,
    tags: [tagOf(route)],
    summary: summary.replaceAll("\n", " ").replace(/\.$/, ""),
    description: text || method.name,
    ...(isDeprecated(route) && { deprecated: true }),
    parameters: [...pathParameters(route, schemas), ...queryParameters(route, schemas), ...headerParameters(route)],
    ...(body !== undefined && { requestBody: requestBody(route, schemas) }),
    responses: { [successOf(route)]: answer(route, schemas), ...refusals(route) },
    ...(rules.public && { security: [] }),
    ...(rules.permission !== "" && { "x-permission": rules.permission }),
  };
};

const isDeprecated = ({ method }: Route): boolean => method.proto.options?.deprecated === true;

const pathParameters = (route: Route, schemas: MessageSchemas): Parameter[] =>
  variableNames(route).flatMap((name, index) => {
    const field = route.variables[index]?.at(-1);
    return field ? [{ ...parameter(name, "path", schemas.field(field)), required: true }] : [];
  });

const parameter = (name: string, place: "path" | "query", { description, ...schema }: JsonSchema): Parameter => ({
  name,
  in: place,
  ...(description !== undefined && { description }),
  // Whoever sends a parameter writes it: that the field is output elsewhere is no matter here.
  schema: Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== "readOnly")),
});

/** Fields that a text can give, messages unfolded: `orderBy`, `amount.units`. */
const queryParameters = (route: Route, schemas: MessageSchemas): Parameter[] => {
  if (route.body === "*") return [];
  const taken = new Set<DescField | undefined>(route.variables.map(([first]) => first));
  if (route.body) taken.add(route.body);
  return route.method.input.fields
    .filter((field) => !taken.has(field))
    .flatMap((field) => unfolded(field, "", [], schemas));
};

const unfolded = (
  field: DescField,
  prefix: string,
  above: readonly DescMessage[],
  schemas: MessageSchemas,
): Parameter[] => {
  const name = `${prefix}${field.jsonName}`;
  if (field.fieldKind === "map") return [];
  const { message } = field;
  if (message && !isText(message)) {
    if (field.fieldKind === "list" || above.includes(message)) return [];
    return message.fields.flatMap((child) => unfolded(child, `${name}.`, [...above, message], schemas));
  }
  const base = parameter(name, "query", schemas.field(field));
  const isNeeded = prefix === "" && schemas.isRequired(field);
  return [
    {
      ...base,
      ...(isNeeded && { required: true }),
      ...(field.fieldKind === "list" && { style: "form", explode: true }),
    },
  ];
};

const TEXT_TYPES: ReadonlySet<string> = new Set(
  ["Timestamp", "Duration", "FieldMask"].map((name) => `google.protobuf.${name}`),
);
const isText = (message: DescMessage): boolean => TEXT_TYPES.has(message.typeName) || isWrapperDesc(message);

const hasEtag = (message: DescMessage): boolean => message.fields.some(({ name }) => name === "etag");

/** Reads that carry an entity tag: a record's version, or a digest of the answer. */
const isCacheable = (route: Route): boolean =>
  route.verb === "GET" && route.method.methodKind === "unary" && answerMessage(route)?.typeName !== HTTP_BODY;

/** Writes to a record that is there: one that the path names, or the tenant's only one of its kind. */
const isConditional = ({ rules, variables, verb, method }: Route): boolean =>
  rules.effect !== "READ" && (variables.length > 0 || verb === "PATCH") && hasEtag(method.output);

const headerParameters = (route: Route): Reference[] => {
  const { rules } = route;
  const names: (keyof typeof PARAMETERS)[] = [];
  if (rules.effect !== "READ") names.push("IdempotencyKey");
  if (isConditional(route)) names.push("IfMatch");
  if (rules.effect === "WRITE" && rules.dialect === undefined) names.push("ValidateOnly");
  if (isCacheable(route)) names.push("IfNoneMatch");
  if (rules.effect === "READ") names.push("KeynodeConsistency");
  if (rules.stream?.resumeField) names.push("LastEventId");
  names.push("AcceptLanguage", "Prefer");
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
};

const requestBody = (route: Route, schemas: MessageSchemas): NonNullable<Operation["requestBody"]> => {
  const { method, body, verb, variables } = route;
  if (takesRawBody(route)) {
    return { required: true, content: rawContent(route) };
  }
  const isWhole = verb !== "PATCH";
  if (typeof body === "object") {
    const inner = variables.flatMap(([first, second]) => (first === body && second ? [second] : []));
    const schema =
      body.fieldKind === "message"
        ? schemas.body(body.message, { without: isWhole ? new Set(inner) : new Set(), isWhole })
        : schemas.field(body);
    return { required: schemas.isRequired(body), content: { "application/json": { schema } } };
  }
  const without = new Set(variables.flatMap((fields) => (fields.length === 1 ? fields : [])));
  const schema = schemas.body(method.input, { without, isWhole });
  return { required: (schema.required?.length ?? 0) > 0, content: { "application/json": { schema } } };
};

/** SCIM makes with 201 and takes away with 204 (RFC 7644 §3.3, §3.6). */
const successOf = ({ rules, verb }: Route): string => {
  if (rules.dialect !== "SCIM") return "200";
  if (verb === "DELETE") return "204";
  return verb === "POST" ? "201" : "200";
};

const answer = (route: Route, schemas: MessageSchemas): Response => {
  const { method, responseBody } = route;
  const message = answerMessage(route);
  const headers = {
    ...(hasEtag(method.output) || isCacheable(route) ? RECORD_HEADERS : ANSWER_HEADERS),
    ...(isDeprecated(route) && DEPRECATION_HEADERS),
  };
  if (successOf(route) === "204") return { description: "It is gone.", headers };
  if (message?.typeName === HTTP_BODY) {
    return { description: "The content.", headers, content: rawContent(route) };
  }
  const schema = responseBody ? schemas.field(responseBody) : schemas.message(method.output);
  if (method.methodKind === "server_streaming") {
    const eventStream: JsonSchema = {
      type: "string",
      description: "Server-sent events; the `data` of each is one JSON object, as a line of the other form.",
    };
    const table: JsonSchema = { type: "string", description: "A table, the fields' names in its first row." };
    const streamSchemas = { [NDJSON]: schema, [EVENT_STREAM]: eventStream, [CSV]: table };
    return {
      description: "One JSON object after another, for as long as the client reads.",
      headers,
      content: Object.fromEntries(streamTypes(route).map((type) => [type, { schema: streamSchemas[type] }])),
    };
  }
  return { description: "The answer.", headers, content: { "application/json": { schema } } };
};

/** Everything that can go wrong with this route, so that a client meets no undocumented status. */
const refusals = (route: Route): Record<string, Reference | Response> => {
  const { rules, body } = route;
  const isWrite = rules.effect !== "READ";
  const found: Record<string, keyof typeof RESPONSES | false> = {
    "304": isCacheable(route) && "NotModified",
    "400": "BadRequest",
    "401": "Unauthenticated",
    "403": "PermissionDenied",
    "404": "NotFound",
    "406": answerMessage(route)?.typeName !== HTTP_BODY && "NotAcceptable",
    "409": isWrite && "Conflict",
    "412": isConditional(route) && "PreconditionFailed",
    "413": body !== undefined && "ContentTooLarge",
    "415": body !== undefined && "UnsupportedMediaType",
    "422": isWrite && "UnprocessableContent",
    "429": "TooManyRequests",
    "431": "HeaderFieldsTooLarge",
    "500": "InternalError",
    "501": "NotImplemented",
    "503": "ServiceUnavailable",
    "504": "GatewayTimeout",
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([status, name]) =>
      name ? [[status, rules.dialect === "SCIM" ? inScim(name) : { $ref: `#/components/responses/${name}` }]] : [],
    ),
  );
};

/** The same refusal, in SCIM's words. */
const inScim = (name: keyof typeof RESPONSES): Response => {
  const { content, ...rest }: Response = RESPONSES[name];
  return {
    ...rest,
    ...(content && { content: { [SCIM_TYPE]: { schema: { $ref: "#/components/schemas/ScimError" } } } }),
  };
};

/** What a raw body is, where the contract's words for it are another standard's. */
const rawContent = ({ rules }: Route): NonNullable<Response["content"]> =>
  rules.dialect === "SCIM"
    ? { [SCIM_TYPE]: { schema: { type: "object" } } }
    : { "*/*": { schema: { type: "string", format: "binary" } } };
