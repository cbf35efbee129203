import { isJsonObject, type Json, type JsonObject } from "../transcoder/codec/json-text.ts";
import type { RequestParts } from "../transcoder/request-message.ts";
import { variableNames } from "../transcoder/routes.ts";
import type { Violation } from "../violation.ts";
import type { Tool } from "./tool.ts";

/** What an agent gave a tool, as it was read; `violations` are those of the text itself. */
export type ToolArguments = { readonly value: JsonObject; readonly violations: readonly Violation[] };

export const NO_ARGUMENTS: ToolArguments = { value: new Map(), violations: [] };

/** A tool takes path, query and body in one object: lays its members where the route has them. */
export const partsOf = (
  { route, fields }: Pick<Tool, "route" | "fields">,
  { value, violations }: ToolArguments,
): { readonly parts: RequestParts; readonly wrong: readonly Violation[] } => {
  const names = variableNames(route);
  const wrong: Violation[] = [];
  const pathValues = names.map((name, index) => {
    const given = value.get(name);
    if (given === undefined || typeof given === "string") return given;
    wrong.push({ path: (route.variables[index] ?? []).map(({ jsonName }) => jsonName), code: "EXPECTED_STRING" });
    return undefined;
  });
  const inPath = new Set(names);
  const rest = [...value].filter(([name]) => !inPath.has(name));
  if (route.body === undefined) {
    wrong.push(...violations);
    return { parts: { pathValues, query: "", fields: new Map(rest), body: undefined }, wrong };
  }
  const [beside, inBody] = [
    rest.filter(([name]) => fields.has(name)),
    rest.filter(([name]) => route.body === "*" || !fields.has(name)),
  ];
  return {
    parts: {
      pathValues,
      query: "",
      fields: new Map(beside),
      body: { kind: "json", value: new Map(inBody), violations },
    },
    wrong,
  };
};

/** A whole number among the arguments, or undefined. */
export const numberIn = (value: JsonObject, name: string): number | undefined => {
  const given = value.get(name);
  return typeof given === "number" ? given : undefined;
};

/** As other libraries have it. Keys become own properties, `__proto__` among them. */
export const plainJson = (json: Json): unknown => {
  if (isJsonObject(json)) return Object.fromEntries([...json].map(([name, value]) => [name, plainJson(value)]));
  if (Array.isArray(json)) return json.map(plainJson);
  return typeof json === "bigint" ? Number(json) : json;
};
