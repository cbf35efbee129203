import { hash } from "node:crypto";
import { sameSecret } from "@keynode/decider/same-secret";
import { type FieldType, type Scalar } from "./field.ts";

/** Where a page ended: the last record's value in the order field, null when it has none, and its id. */
export type Cursor = { readonly value: Scalar | null; readonly id: string };

/** What a token belongs to; the same for every page of one list. */
export type PageScope = {
  readonly listing: string;
  readonly tenant: string;
  readonly filter: string;
  readonly order: string;
  readonly showDeleted: boolean;
};

const maxTokenLength = 4_096;

/**
 * An opaque page token (AIP-158): base64url of `[scope digest, value, id]`. It is checked, not signed: it moves only
 * the point where its bearer reads on, while tenant and visibility are put into every query anew.
 */
export const encodePageToken = (scope: PageScope, { value, id }: Cursor): string =>
  Buffer.from(JSON.stringify([digest(scope), toJson(value), id])).toString("base64url");

/** The cursor of a token, or why it is none of this list. */
export const decodePageToken = (
  scope: PageScope,
  token: string,
  type: FieldType,
): Cursor | "PAGE_TOKEN_UNREADABLE" | "PAGE_TOKEN_OF_ANOTHER_LIST" => {
  if (token.length > maxTokenLength) return "PAGE_TOKEN_UNREADABLE";
  const parts = parse(Buffer.from(token, "base64url").toString());
  if (!Array.isArray(parts) || parts.length !== 3) return "PAGE_TOKEN_UNREADABLE";
  const [scopeDigest, json, id] = parts as readonly unknown[];
  if (typeof scopeDigest !== "string" || typeof id !== "string") return "PAGE_TOKEN_UNREADABLE";
  if (!sameSecret(scopeDigest, digest(scope))) return "PAGE_TOKEN_OF_ANOTHER_LIST";
  const value = json === null ? null : fromJson(json, type);
  return value === undefined ? "PAGE_TOKEN_UNREADABLE" : { value, id };
};

const digest = ({ listing, tenant, filter, order, showDeleted }: PageScope): string =>
  hash("sha256", JSON.stringify([listing, tenant, filter, order, showDeleted]), "base64url").slice(0, 16);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const toJson = (value: Scalar | null): string | number | boolean | null => {
  if (value instanceof Date) return value.getTime();
  return typeof value === "bigint" ? String(value) : value;
};

const fromJson = (json: unknown, type: FieldType): Scalar | undefined => {
  switch (type) {
    case "time":
      return typeof json === "number" && Math.abs(json) <= 8.64e15 ? new Date(json) : undefined;
    case "int64":
      return typeof json === "string" && /^-?\d{1,19}$/.test(json) ? BigInt.asIntN(64, BigInt(json)) : undefined;
    case "int32":
    case "double":
      return typeof json === "number" ? json : undefined;
    case "bool":
      return typeof json === "boolean" ? json : undefined;
    case "string":
    case "enum":
    case "date":
      return typeof json === "string" ? json : undefined;
  }
};
