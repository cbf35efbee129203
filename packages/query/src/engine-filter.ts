import type { Document } from "mongodb";
import { unsetValues } from "./field.ts";
import type { Predicate } from "./predicate.ts";

/** The predicate in MongoDB's language. Values reach it as scalars only, so none can become an operator. */
export const engineFilter = (predicate: Predicate): Document => {
  switch (predicate.kind) {
    case "and":
      return allOf(predicate.of.map(engineFilter));
    case "or":
      return { $or: predicate.of.map(engineFilter) };
    case "not":
      return predicate.of.kind === "equals"
        ? { [predicate.of.field.path]: { $ne: predicate.of.value } }
        : { $nor: [engineFilter(predicate.of)] };
    case "equals":
      return { [predicate.field.path]: predicate.value };
    case "range":
      return { [predicate.field.path]: { [predicate.operator]: predicate.value } };
    case "prefix":
      return { [predicate.field.path]: prefixRange(predicate.prefix) };
    case "present":
      return predicate.field.repeated
        ? { [`${predicate.field.path}.0`]: { $exists: true } }
        : { [predicate.field.path]: { $nin: unsetValues(predicate.field) } };
  }
};

/** Conditions that must all hold, as one flat document where their keys allow it: engines read bounds off it best. */
export const allOf = (conditions: readonly Document[]): Document => {
  const flat: Document = {};
  const nested: Document[] = [];
  for (const condition of conditions) {
    const entries = Object.entries(condition);
    if (entries.every(([key, value]) => fits(flat, key, value))) {
      for (const [key, value] of entries) flat[key] = key in flat ? { ...flat[key], ...value } : value;
    } else {
      nested.push(condition);
    }
  }
  return nested.length === 0 ? flat : { ...flat, $and: [...(flat["$and"] ?? []), ...nested] };
};

/** Whether a condition can join those on the same key: both made of operators, none of them twice. */
const fits = (flat: Document, key: string, value: unknown): boolean => {
  if (!Object.hasOwn(flat, key)) return true;
  const there: unknown = flat[key];
  return isOperators(there) && isOperators(value) && !Object.keys(value).some((operator) => operator in there);
};

const isOperators = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/**
 * The texts that begin with `prefix`, as a range: engines compare text by code points, so it ends before the prefix
 * whose last code point is the next one. No regular expression, so nothing of the user's text is interpreted.
 */
export const prefixRange = (prefix: string): Document => {
  const end = successor(Array.from(prefix));
  return end === undefined ? { $gte: prefix } : { $gte: prefix, $lt: end };
};

const lastCodePoint = 0x10ffff;
const [firstSurrogate, afterSurrogates] = [0xd800, 0xe000];

const successor = (characters: readonly string[]): string | undefined => {
  const last = characters.at(-1)?.codePointAt(0);
  if (last === undefined) return undefined;
  if (last === lastCodePoint) return successor(characters.slice(0, -1));
  const next = last + 1 === firstSurrogate ? afterSurrogates : last + 1;
  return characters.slice(0, -1).join("") + String.fromCodePoint(next);
};
