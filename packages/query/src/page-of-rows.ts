import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import { unsetValues } from "./field.ts";
import { checkRequest, type ListRequest } from "./list-request.ts";
import type { Listing } from "./listing.ts";
import { compareBy, cursorOf } from "./page-order.ts";
import { encodePageToken } from "./page-token.ts";
import type { Condition, Predicate } from "./predicate.ts";
import type { Page } from "./read-page.ts";

/**
 * One page of rows that are in memory, few by their nature, by the words and in the order that a listing allows. Who may
 * see them has been decided. Errors: those of a request that the listing does not understand.
 */
export const pageOfRows = <Row extends { readonly _id: string }>(
  listing: Listing,
  rows: readonly Row[],
  request: ListRequest,
): Page<Row> | DomainError => {
  const checked = checkRequest(listing, request);
  if (isDomainError(checked)) return checked;
  const { predicate, order, pageSize, cursor, scope } = checked;
  const compare = compareBy(order);
  const isBehind = (row: Row): boolean => cursor === undefined || compare(row, standIn(cursor.id, cursor.value)) > 0;
  const found = rows
    .filter((row) => scope.showDeleted || valuesAt(row, listing.deleted).length === 0)
    .filter((row) => predicate === undefined || holds(predicate, row))
    .toSorted(compare)
    .filter(isBehind);
  const documents = found.slice(0, pageSize);
  const last = documents.at(-1);
  const more = found.length > pageSize && last !== undefined;
  return { documents, nextPageToken: more ? encodePageToken(scope, cursorOf(order, last)) : "" };

  /** A row that stands where the page before ended. */
  function standIn(id: string, value: unknown): object {
    const path = (order.field.sortPath ?? order.field.path).split(".");
    return { _id: id, ...(path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object) };
  }
};

const holds = (predicate: Predicate, row: object): boolean => {
  switch (predicate.kind) {
    case "and":
      return predicate.of.every((each) => holds(each, row));
    case "or":
      return predicate.of.some((each) => holds(each, row));
    case "not":
      return !holds(predicate.of, row);
    default:
      return meets(predicate, row);
  }
};

const meets = (condition: Condition, row: object): boolean => {
  const { field } = condition;
  const values = valuesAt(row, field.path);
  switch (condition.kind) {
    case "present":
      return values.some((value) => !unsetValues(field).includes(value as string | null));
    case "prefix":
      return values.some((value) => typeof value === "string" && value.startsWith(condition.prefix));
    case "equals":
      return values.some((value) => comparable(value) === comparable(condition.value));
    case "range":
      return values.some((value) => inRange(comparable(value), condition.operator, comparable(condition.value)));
  }
};

type Comparable = string | number | bigint | boolean | undefined;

const comparable = (value: unknown): Comparable => {
  if (value instanceof Date) return value.getTime();
  return typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean"
    ? value
    : undefined;
};

const inRange = (
  value: Comparable,
  operator: Extract<Condition, { kind: "range" }>["operator"],
  bound: Comparable,
): boolean => {
  if (value === undefined || bound === undefined || typeof value !== typeof bound) return false;
  switch (operator) {
    case "$lt":
      return value < bound;
    case "$lte":
      return value <= bound;
    case "$gt":
      return value > bound;
    case "$gte":
      return value >= bound;
  }
};

/** What lies at a path, of lists everything in them; nothing where it is absent. */
const valuesAt = (row: unknown, path: string): readonly unknown[] =>
  path.split(".").reduce<readonly unknown[]>(
    (found, key) =>
      found.flatMap((each) => {
        const value: unknown =
          typeof each === "object" && each !== null ? (each as Readonly<Record<string, unknown>>)[key] : undefined;
        return value === undefined || value === null ? [] : value;
      }),
    [row],
  );
