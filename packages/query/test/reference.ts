import type { Visibility } from "@keynode/auth/visibility";
import { type Scalar, sortedBy } from "../src/field.ts";
import type { Order } from "../src/listing.ts";
import type { Condition, Predicate } from "../src/predicate.ts";
import type { LeadDocument } from "./leads.ts";

/** What a predicate means, told without an engine. */
export const holds = (predicate: Predicate, document: LeadDocument): boolean => {
  switch (predicate.kind) {
    case "and":
      return predicate.of.every((part) => holds(part, document));
    case "or":
      return predicate.of.some((part) => holds(part, document));
    case "not":
      return !holds(predicate.of, document);
    default:
      return conditionHolds(predicate, valueAt(document, predicate.field));
  }
};

const conditionHolds = (condition: Condition, value: unknown): boolean => {
  if (Array.isArray(value)) {
    return condition.kind === "present" ? value.length > 0 : value.some((item) => conditionHolds(condition, item));
  }
  const absent = value === undefined || value === null;
  switch (condition.kind) {
    case "equals":
      return !absent && compare(value as Scalar, condition.value) === 0;
    case "prefix":
      return typeof value === "string" && value.startsWith(condition.prefix);
    case "present":
      return !absent && value !== "" && !(typeof value === "string" && value.endsWith("_UNSPECIFIED"));
    case "range": {
      if (absent) return false;
      const order = compare(value as Scalar, condition.value);
      return { $lt: order < 0, $lte: order <= 0, $gt: order > 0, $gte: order >= 0 }[condition.operator];
    }
  }
};

export const sees = (visibility: Visibility, { _id, state }: LeadDocument): boolean =>
  visibility.kind === "all" ||
  state.ownerId === visibility.ownerId ||
  (visibility.kind === "team" && visibility.teamIds.includes(state.teamId)) ||
  visibility.shared?.has(_id) === true;

/** The order of a list: absent lowest, then values, then ids; all in one direction. */
export const inOrder =
  ({ field, direction }: Order) =>
  (a: LeadDocument, b: LeadDocument): number => {
    const difference = compareValues(valueAt(a, sortedBy(field)), valueAt(b, sortedBy(field)));
    return direction * (difference || compare(a._id, b._id));
  };

const compareValues = (a: unknown, b: unknown): number => {
  const absent = [a, b].map((value) => value === undefined || value === null);
  return absent.includes(true) ? Number(absent[1]) - Number(absent[0]) : compare(a as Scalar, b as Scalar);
};

const valueAt = (document: LeadDocument, { path }: { readonly path: string }): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], document);

const compare = (a: Scalar, b: Scalar): number => {
  if (typeof a === "string" && typeof b === "string") return compareCodePoints(Array.from(a), Array.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
};

const compareCodePoints = ([a, ...restA]: readonly string[], [b, ...restB]: readonly string[]): number => {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const difference = (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
  return difference === 0 ? compareCodePoints(restA, restB) : difference;
};
