import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { JsonPath, Violation } from "../violation.ts";
import { type Route, variableNames } from "./routes.ts";

/** Where a client finds a wrong value in what it sent, and what the contract calls the field. */
export type FieldLocation = {
  /** Proto field path, as protovalidate writes it: `lead.emails[1].value`, `labels["a"]`. */
  readonly field: string;
  /** JSON pointer into the body, as a URI fragment (RFC 6901 §6). */
  readonly pointer?: string;
  /** Name of the path or query parameter. */
  readonly parameter?: string;
};

/** One step into a message: what JSON and proto call it, and whether it is a key or index of a list or map. */
type Step = { readonly json: string | number; readonly proto: string };

/** Place of a violation found by the gateway. */
export const locateViolation = (route: Route, { path, parameter }: Violation): FieldLocation => {
  const steps = stepsAlong(route.method.input, path, (_, part) => part);
  if (parameter !== undefined) return { field: fieldPath(steps), parameter };
  return locate(route, steps);
};

/** Place of a field that a service named by its proto path. */
export const locateField = (route: Route, field: string): FieldLocation =>
  field === ""
    ? { field }
    : locate(
        route,
        stepsAlong(route.method.input, tokensOf(field), ({ jsonName }) => jsonName),
      );

const locate = (route: Route, steps: readonly Step[]): FieldLocation => {
  const field = fieldPath(steps);
  const variable = route.variables.findIndex(
    (fields) => fields.length <= steps.length && fields.every(({ name }, index) => steps[index]?.proto === name),
  );
  if (variable >= 0) return { field, parameter: variableNames(route)[variable] ?? field };
  if (route.body === "*") return { field, pointer: pointerOf(steps) };
  if (route.body && steps[0]?.proto === route.body.name) return { field, pointer: pointerOf(steps.slice(1)) };
  return { field, parameter: parameterOf(steps) };
};

/** A list's parameter is repeated, so its items go by the list's name. */
const parameterOf = (steps: readonly Step[]): string =>
  steps
    .filter(({ json }) => typeof json === "string")
    .map(({ json }) => json)
    .join(".");

const fieldPath = (steps: readonly Step[]): string =>
  steps.reduce((path, { proto }) => (path === "" || proto.startsWith("[") ? path + proto : `${path}.${proto}`), "");

const pointerOf = (steps: readonly Step[]): string =>
  `#${steps.map(({ json }) => `/${encodeURIComponent(String(json).replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;

/**
 * Follows names of JSON or proto, indexes and keys; what the contract does not know is kept as it is.
 * `spell` says what the client calls a field.
 */
const stepsAlong = (
  request: DescMessage,
  path: JsonPath,
  spell: (field: DescField, part: string | number) => string | number,
): Step[] => {
  let message: DescMessage | undefined = request;
  let container: DescField | undefined;
  return path.map((part) => {
    if (container) {
      const isMap = container.fieldKind === "map";
      message = container.message;
      container = undefined;
      return { json: part, proto: isMap ? `[${JSON.stringify(String(part))}]` : `[${part}]` };
    }
    const field = message?.fields.find(({ name, jsonName }) => name === part || jsonName === part);
    if (field === undefined) {
      message = undefined;
      return { json: part, proto: typeof part === "number" ? `[${part}]` : part };
    }
    if (field.fieldKind === "list" || field.fieldKind === "map") container = field;
    else message = field.message;
    return { json: spell(field, part), proto: field.name };
  });
};

const TOKEN = /\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g;

/** The parts of a proto path. */
const tokensOf = (path: string): JsonPath =>
  [...path.matchAll(TOKEN)].map(([, key, index, name]) => {
    if (key !== undefined) return key.replace(/\\(.)/g, "$1");
    if (index !== undefined) return /^\d+$/.test(index) ? Number(index) : index;
    return name ?? "";
  });
