import type { DescField } from "@bufbuild/protobuf";
import { fieldBehavior } from "@keynode/contracts/descriptors";
import type { Violation } from "../violation.ts";
import { createSink, reserve, type Sink, take, WIRE } from "./codec/bytes.ts";
import { isJsonObject, type Json, type JsonObject } from "./codec/json-text.ts";
import { beginNested, endNested, writeDelimited, writeText, writeVarint32 } from "./codec/wire-writer.ts";
import type { JsonCodec } from "./json-codec.ts";
import { type JsonDraft, pathJson, readQuery } from "./query-params.ts";
import { HTTP_BODY, type Route } from "./routes.ts";

/** A request's body as it was read; `violations` are those of the text itself. */
export type Body = { readonly violations: readonly Violation[] } & (
  | { readonly kind: "json"; readonly value: Json }
  | { readonly kind: "raw"; readonly contentType: string; readonly data: Buffer }
);

export type RequestParts = {
  /** One for each variable of the route; undefined where it was not given, which the service then says. */
  readonly pathValues: readonly (string | undefined)[];
  /** Behind the question mark. */
  readonly query: string;
  /** Further fields of the request by their JSON names, for callers that have no query to put them in. */
  readonly fields?: JsonObject;
  readonly body: Body | undefined;
  /** Where a client wants a stream to go on: wins over what its URL says, which is the same at every attempt. */
  readonly lastEventId?: string | undefined;
};

/** Puts the parts of an HTTP request together to the request message's bytes, or says all that is wrong with them. */
export type RequestReader = (parts: RequestParts) => Buffer | readonly Violation[];

export const createRequestReader = (route: Route, codec: JsonCodec): RequestReader => {
  const { method, variables, body: bodyTarget } = route;
  const write = codec.writer(method.input);
  const mask = updateMaskField(route);
  const rawField = typeof bodyTarget === "object" && isHttpBody(bodyTarget) ? bodyTarget : undefined;
  const taken = new Set(variables.map(([first]) => first));
  if (typeof bodyTarget === "object") taken.add(bodyTarget);
  const resumeField = resumeFieldOf(route);
  const isTaken = (field: DescField): boolean => bodyTarget === "*" || taken.has(field);

  const fromJson: RequestReader = ({ pathValues, query, fields: beside, body, lastEventId }) => {
    const json = body?.kind === "json" ? body : undefined;
    const violations: Violation[] = (json?.violations ?? []).map((violation) => inRequest(route, violation));
    const draft: JsonDraft = new Map();
    if (json && bodyTarget === "*") {
      if (!isJsonObject(json.value)) return [...violations, { path: [], code: "EXPECTED_OBJECT" }];
      for (const [name, value] of json.value) draft.set(name, value);
    } else if (json && typeof bodyTarget === "object") {
      draft.set(bodyTarget.jsonName, mask ? withoutNulls(json.value, bodyTarget) : json.value);
    }
    for (const [name, value] of beside ?? []) draft.set(name, value);
    if (query !== "") violations.push(...readQuery(query, method.input, draft, isTaken));
    if (resumeField && lastEventId !== undefined) draft.set(resumeField.jsonName, lastEventId);
    if (mask && json && !draft.has(mask.jsonName)) setUpdateMask(draft, mask, bodyTarget, json.value);
    for (const [index, fields] of variables.entries()) {
      const value = pathValues[index];
      const conflict = value === undefined ? undefined : setPathValue(draft, fields, value);
      if (conflict) violations.push(conflict);
    }
    const outcome = write(draft);
    if (Buffer.isBuffer(outcome)) return violations.length > 0 ? violations : outcome;
    return [
      ...violations,
      ...outcome.filter((violation) => !violations.some((other) => isSamePlace(other, violation))),
    ];
  };

  return (parts) => {
    const { body } = parts;
    if (body?.kind !== "raw") return fromJson(parts);
    if (body.violations.length > 0) return body.violations.map((violation) => inRequest(route, violation));
    if (bodyTarget === "*") return httpBody(body.contentType, body.data);
    const rest = fromJson({ ...parts, body: undefined });
    return rawField && Buffer.isBuffer(rest) ? withRawField(rest, rawField, body.contentType, body.data) : rest;
  };
};

/** Throws when the stream's rules name a field that the request does not have. */
const resumeFieldOf = ({ method, rules }: Route): DescField | undefined => {
  const name = rules.stream?.resumeField ?? "";
  const field = method.input.fields.find((one) => one.name === name && one.fieldKind === "scalar");
  if (name !== "" && field === undefined) throw new Error(`${method.input.typeName} has no field ${name} to resume by`);
  return field;
};

/** True when the body is taken as it is, of whatever type: the route's target is google.api.HttpBody. */
export const takesRawBody = ({ method, body }: Route): boolean =>
  body === "*" ? method.input.typeName === HTTP_BODY : body !== undefined && isHttpBody(body);

const isHttpBody = (field: DescField): boolean => field.message?.typeName === HTTP_BODY;

/** The parser of the body's text knows nothing of the request around the body. */
const inRequest = ({ body }: Route, violation: Violation): Violation =>
  typeof body === "object" ? { ...violation, path: [body.jsonName, ...violation.path] } : violation;

const isSamePlace = (a: Violation, b: Violation): boolean => a.path.join("\0") === b.path.join("\0");

/** The path decides; a body that says otherwise about the same field is refused. */
const setPathValue = (draft: JsonDraft, fields: readonly DescField[], value: string): Violation | undefined => {
  const [field, ...deeper] = fields;
  if (field === undefined) return undefined;
  const key = draft.has(field.name) ? field.name : field.jsonName;
  const present = draft.get(key);
  if (deeper.length > 0) {
    // Anything but an object is refused by the message's writer.
    if (present !== undefined && present !== null && !isJsonObject(present)) return undefined;
    const child: JsonDraft = new Map(present ?? undefined);
    draft.set(key, child);
    const conflict = setPathValue(child, deeper, value);
    return conflict && { ...conflict, path: [key, ...conflict.path] };
  }
  draft.set(key, pathJson(field, value));
  const isSame =
    present === undefined || present === null || (typeof present !== "object" && String(present) === value);
  return isSame ? undefined : { path: [key], code: "PATH_MISMATCH" };
};

/** PATCH without a mask changes what the body names (AIP-134); only the gateway still sees null and zero as given. */
const updateMaskField = ({ verb, method, body }: Route): DescField | undefined => {
  if (verb !== "PATCH" || typeof body !== "object" || body.fieldKind !== "message") return undefined;
  return method.input.fields.find(
    (field) => field.name === "update_mask" && field.message?.typeName === "google.protobuf.FieldMask",
  );
};

/** Null clears a field, or a map's entry (RFC 7396): the mask names it, and the message lacks it. */
const withoutNulls = (json: Json, { message }: DescField): Json => {
  if (!isJsonObject(json)) return json;
  const maps = new Set(message?.fields.filter(isMap).flatMap(({ jsonName, name }) => [jsonName, name]));
  return new Map(
    [...given(json)].map(([name, value]) => [name, maps.has(name) && isJsonObject(value) ? given(value) : value]),
  );
};

const given = (json: JsonObject): JsonObject => new Map([...json].filter(([, value]) => value !== null));

const setUpdateMask = (draft: JsonDraft, mask: DescField, target: Route["body"], value: Json): void => {
  if (typeof target !== "object" || target.fieldKind !== "message" || !isJsonObject(value)) return;
  const named = target.message.fields.filter(isChangeable).flatMap((field) => pathsOf(field, value));
  if (named.length > 0) draft.set(mask.jsonName, named.join(","));
};

/** Of a map those entries are changed that the body names; a map whose keys are no names is set whole. */
const pathsOf = (field: DescField, json: JsonObject): readonly string[] => {
  const { jsonName, name } = field;
  const given = json.has(jsonName) ? json.get(jsonName) : json.get(name);
  if (given === undefined) return [];
  if (!isMap(field) || given === null || !isJsonObject(given)) return [jsonName];
  const keys = [...given.keys()];
  return keys.every((key) => MASK_SEGMENT.test(key)) ? keys.map((key) => `${jsonName}.${key}`) : [jsonName];
};

const isMap = ({ fieldKind }: DescField): boolean => fieldKind === "map";

/** What a mask's JSON and its protobuf spell alike. */
const MASK_SEGMENT = /^[a-z][A-Za-z0-9]*$/;

/** What clients send back as they read it is no change they ask for. */
const isChangeable = (field: DescField): boolean => {
  if (field.name === "id" || field.name === "etag") return false;
  const behavior = fieldBehavior(field);
  return !behavior.includes("OUTPUT_ONLY") && !behavior.includes("IDENTIFIER");
};

/** google.api.HttpBody: content_type = 1, data = 2. */
const writeHttpBody = (sink: Sink, contentType: string, data: Buffer): void => {
  writeVarint32(sink, (1 << 3) | WIRE.bytes);
  writeText(sink, contentType);
  writeVarint32(sink, (2 << 3) | WIRE.bytes);
  writeDelimited(sink, data);
};

const httpBody = (contentType: string, data: Buffer): Buffer => {
  const sink = createSink();
  writeHttpBody(sink, contentType, data);
  return take(sink);
};

const withRawField = (rest: Buffer, field: DescField, contentType: string, data: Buffer): Buffer => {
  const sink = createSink();
  reserve(sink, rest.length);
  sink.at += rest.copy(sink.bytes);
  writeVarint32(sink, (field.number << 3) | WIRE.bytes);
  const start = beginNested(sink);
  writeHttpBody(sink, contentType, data);
  endNested(sink, start);
  return take(sink);
};
