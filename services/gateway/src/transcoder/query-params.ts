import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { Violation, ViolationCode } from "../violation.ts";
import type { Json } from "./codec/json-text.ts";

/** An object while it is being put together; keys are JSON names. */
export type JsonDraft = Map<string, Json>;

/** Message types whose JSON is a text, so that a parameter can hold one. */
const TEXT_TYPES: ReadonlySet<string> = new Set([
  "google.protobuf.Timestamp",
  "google.protobuf.Duration",
  "google.protobuf.FieldMask",
]);

/**
 * Puts the parameters of a query string into the request: `filter=x&readMask=a,b&order.by=c&ids=1&ids=2`.
 * Names are JSON or proto names, dots lead into messages, a list's parameter is repeated.
 * `isTaken` tells fields that the path or the body fills already. What does not fit is answered,
 * each with the parameter's name; values are judged later, together with the body's.
 */
export const readQuery = (
  query: string,
  message: DescMessage,
  request: JsonDraft,
  isTaken: (field: DescField) => boolean,
): Violation[] => {
  const violations: Violation[] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : decoded(pair.slice(equals + 1));
    if (name === undefined || value === undefined) {
      const parameter = pair.slice(0, equals < 0 ? pair.length : equals);
      violations.push({ path: [parameter], parameter, code: "INVALID_UNICODE" });
      continue;
    }
    const path = name.split(".");
    const code = setAt(request, message, path, value, isTaken);
    if (code !== undefined) violations.push({ path, parameter: name, code });
  }
  return violations;
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.includes("+") ? text.replaceAll("+", " ") : text);
  } catch {
    return undefined;
  }
};

const setAt = (
  draft: JsonDraft,
  message: DescMessage,
  [name, ...rest]: readonly string[],
  value: string,
  isTaken: (field: DescField) => boolean,
): ViolationCode | undefined => {
  const field = message.fields.find((candidate) => candidate.jsonName === name || candidate.name === name);
  if (field === undefined || isTaken(field)) return "UNKNOWN_FIELD";
  const present = draft.get(field.jsonName);
  if (rest.length > 0) {
    if (field.fieldKind !== "message" || isText(field.message)) return "UNKNOWN_FIELD";
    const child: JsonDraft = present instanceof Map ? present : new Map();
    draft.set(field.jsonName, child);
    return setAt(child, field.message, rest, value, () => false);
  }
  const kind = kindOf(field);
  if (kind === undefined) return "UNKNOWN_FIELD";
  const json = jsonOfText(kind, value);
  if (field.fieldKind === "list") {
    draft.set(field.jsonName, [...(Array.isArray(present) ? present : []), json]);
    return undefined;
  }
  if (present !== undefined) return "DUPLICATE_FIELD";
  draft.set(field.jsonName, json);
  return undefined;
};

type Kind = "text" | "bool" | "integer" | "number";

/** What a parameter can hold; undefined for what it cannot: objects, maps. */
const kindOf = (field: DescField): Kind | undefined => {
  if (field.fieldKind === "map") return undefined;
  if (field.scalar !== undefined) return kindOfScalar(field.scalar);
  if (field.enum) return "text";
  if (isWrapperDesc(field.message)) return kindOfScalar(field.message.fields[0].scalar);
  return isText(field.message) ? "text" : undefined;
};

/** JSON has 64-bit integers and bytes as text, too. */
const kindOfScalar = (scalar: ScalarType): Kind => {
  switch (scalar) {
    case ScalarType.BOOL:
      return "bool";
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return "integer";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return "number";
    default:
      return "text";
  }
};

const INTEGER = /^-?\d{1,25}$/;
const NUMBER = /^-?\d{1,25}(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?$/;

/** The JSON value that a text stands for; what stands for none is left to the field's writer to refuse. */
const jsonOfText = (kind: Kind, text: string): Json => {
  switch (kind) {
    case "bool":
      return text === "true" ? true : text === "false" ? false : text;
    case "integer":
      return INTEGER.test(text) ? Number(text) : text;
    case "number":
      return NUMBER.test(text) ? Number(text) : text;
    case "text":
      return text;
  }
};

/** The JSON value of a field that the path fills. */
export const pathJson = (field: DescField, text: string): Json => jsonOfText(kindOf(field) ?? "text", text);

const isText = (message: DescMessage): boolean => TEXT_TYPES.has(message.typeName) || isWrapperDesc(message);
