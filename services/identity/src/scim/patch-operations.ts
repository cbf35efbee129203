import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import { type AttributePath, parsePath } from "./attribute-path.ts";
import { isObject, type Json, type JsonObject, valueOf } from "./scim-json.ts";
import { bodyInvalid, pathInvalid } from "./scim-refusal.ts";
import { enterpriseSchema } from "./user-resource.ts";

/** One change that a PATCH asks for. */
export type Operation = {
  readonly kind: "add" | "replace" | "remove";
  readonly path: AttributePath;
  /** Undefined where there is none. */
  readonly value: Json | undefined;
};

const kinds: readonly Operation["kind"][] = ["add", "replace", "remove"];
const maxOperations = 1_000;

/**
 * Reads a PATCH (RFC 7644 §3.5.2) as identity providers write it: operations in any case (Entra: `Replace`), without a
 * path and an object of attributes instead (Okta), whose names may be paths themselves (Entra: `name.givenName`) or
 * schemas with an object of their own. Errors: SCIM_BODY_INVALID, SCIM_PATH_INVALID.
 */
export const operationsIn = (body: JsonObject): readonly Operation[] | DomainError => {
  const listed = valueOf(body, "Operations");
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > maxOperations) return bodyInvalid("Operations");
  const operations: Operation[] = [];
  for (const [index, each] of (listed as readonly Json[]).entries()) {
    const read = operationIn(each, `Operations[${index}]`);
    if (isDomainError(read)) return read;
    operations.push(...read);
  }
  return operations;
};

const operationIn = (given: Json, field: string): readonly Operation[] | DomainError => {
  if (!isObject(given)) return bodyInvalid(field);
  const op = valueOf(given, "op");
  const kind = kinds.find((each) => typeof op === "string" && op.toLowerCase() === each);
  if (kind === undefined) return bodyInvalid(`${field}.op`);
  const path = valueOf(given, "path");
  const value = valueOf(given, "value");
  if (typeof path === "string" && isSchema(path)) return ofSchema(kind, path, value, field);
  if (typeof path === "string" && path !== "") {
    const parsed = parsePath(path);
    if (parsed === undefined) return pathInvalid(path);
    return kind !== "remove" && value === undefined ? bodyInvalid(`${field}.value`) : [{ kind, path: parsed, value }];
  }
  if (kind === "remove" || value === undefined || !isObject(value)) return bodyInvalid(`${field}.value`);
  return attributesIn(kind, value);
};

/** What an operation on a whole extension does: to each attribute that its value names, or takes all of them away. */
const ofSchema = (
  kind: Operation["kind"],
  schema: string,
  value: Json | undefined,
  field: string,
): readonly Operation[] | DomainError => {
  if (kind !== "remove") {
    return value !== undefined && isObject(value) ? attributesIn(kind, value) : bodyInvalid(`${field}.value`);
  }
  const attributes = extensions[schema.toLowerCase()];
  if (attributes === undefined) return pathInvalid(schema);
  return attributes.map((attribute) => ({ kind, path: { attribute, sub: "", values: undefined }, value: undefined }));
};

/** The attributes of extensions, by the schema in lower case. */
const extensions: Readonly<Record<string, readonly string[]>> = { [enterpriseSchema.toLowerCase()]: ["manager"] };

/** `isNested`: the attributes of a schema, in which there is no other. */
const attributesIn = (
  kind: Operation["kind"],
  value: JsonObject,
  isNested = false,
): readonly Operation[] | DomainError => {
  const operations: Operation[] = [];
  for (const [name, inner] of Object.entries(value)) {
    if (!isNested && isSchema(name) && isObject(inner)) {
      const nested = attributesIn(kind, inner, true);
      if (isDomainError(nested)) return nested;
      operations.push(...nested);
      continue;
    }
    const path = parsePath(name);
    if (path === undefined) return pathInvalid(name);
    operations.push({ kind, path, value: inner });
  }
  return operations;
};

/** A schema's URI as a name: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`. */
const isSchema = (name: string): boolean => /^urn:.*:\d+\.\d+:[a-z]+$/i.test(name);
