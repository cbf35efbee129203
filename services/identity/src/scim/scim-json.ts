import type { DomainError } from "@keynode/decider/domain-error";
import type { HttpBody } from "@keynode/contracts/google/api/httpbody";
import { bodyInvalid } from "./scim-refusal.ts";

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object that a body is. Errors: SCIM_BODY_INVALID. */
export const objectIn = (body: HttpBody | undefined): JsonObject | DomainError => {
  try {
    const value = JSON.parse(body?.data.toString("utf8") ?? "") as Json;
    return isObject(value) ? value : bodyInvalid("");
  } catch {
    return bodyInvalid("");
  }
};

/** Names of attributes are the same in any case (RFC 7643 §2.1). */
export const valueOf = (object: JsonObject, name: string): Json | undefined => {
  const wanted = name.toLowerCase();
  const key = Object.keys(object).find((each) => each.toLowerCase() === wanted);
  return key === undefined ? undefined : object[key];
};
