import type { DomainError } from "@keynode/decider/domain-error";
import type { HttpBody } from "@keynode/contracts/google/api/httpbody";
import { bodyInvalid } from "./scim-refusal.ts";

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object that a body is. Errors: SCIM_BODY_INVALID, which names an attribute that is there in two spellings. */
export const objectIn = (body: HttpBody | undefined): JsonObject | DomainError => {
  try {
    const value = JSON.parse(body?.data.toString("utf8") ?? "") as Json;
    if (!isObject(value)) return bodyInvalid("");
    const repeated = repeatedIn(value);
    return repeated === undefined ? value : bodyInvalid(repeated);
  } catch {
    return bodyInvalid("");
  }
};

/** The path of an attribute that an object, or one in it, has under two spellings: which of them counts, nobody could say. */
const repeatedIn = (value: Json, path = ""): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const seen = new Set<string>();
  for (const [name, inner] of Object.entries(value)) {
    const place = path === "" ? name : `${path}.${name}`;
    if (seen.has(name.toLowerCase())) return place;
    seen.add(name.toLowerCase());
    const deeper = repeatedIn(inner, place);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
};

/** Names of attributes are the same in any case (RFC 7643 §2.1). */
export const valueOf = (object: JsonObject, name: string): Json | undefined => {
  const wanted = name.toLowerCase();
  const key = Object.keys(object).find((each) => each.toLowerCase() === wanted);
  return key === undefined ? undefined : object[key];
};
