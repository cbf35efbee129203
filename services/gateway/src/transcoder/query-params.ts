import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { ScalarType } from "@bufbuild/protobuf";
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
  const json = kind === "bool" ? (BOOLEANS.get(value) ?? value) : value;
  if (field.fieldKind === "list") {
    draft.set(field.jsonName, [...(Array.isArray(present) ? present : []), json]);
    return undefined;
  }
  if (present !== undefined) return "DUPLICATE_FIELD";
  draft.set(field.jsonName, json);
  return undefined;
};

/** JSON has numbers, enums, times and masks as text too; only booleans need translating. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);

/** What a parameter can hold; undefined for what it cannot: objects, maps. */
const kindOf = (field: DescField): "text" | "bool" | undefined => {
  if (field.fieldKind === "map") return undefined;
  if (field.scalar !== undefined) return field.scalar === ScalarType.BOOL ? "bool" : "text";
  if (field.enum) return "text";
  if (isWrapperDesc(field.message)) return field.message.fields[0].scalar === ScalarType.BOOL ? "bool" : "text";
  return isText(field.message) ? "text" : undefined;
};

const isText = (message: DescMessage): boolean => TEXT_TYPES.has(message.typeName) || isWrapperDesc(message);
