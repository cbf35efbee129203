import type { Document } from "mongodb";
import { Long } from "mongodb";
import { type FieldType, type Scalar, sortedBy } from "./field.ts";
import type { Order } from "./listing.ts";
import type { Cursor } from "./page-token.ts";

/** The sort of a page: both keys in one direction, so that an index serves it forwards or backwards. */
export const sortOf = ({ field, direction }: Order): Record<string, 1 | -1> => ({
  [sortedBy(field).path]: direction,
  _id: direction,
});

/**
 * The conditions that read on behind a cursor, one list for each run of index entries. The range stands apart from the
 * tie-break, since engines turn the first into bounds and only filter by the second; a range sees only values of its
 * own type, so what lacks the field is a run of its own (absent sorts lowest).
 */
export const readOn = ({ field, direction }: Order, cursor: Cursor | undefined): readonly (readonly Document[])[] => {
  if (cursor === undefined) return [[]];
  const { path, type } = sortedBy(field);
  const beyond = direction === 1 ? "$gt" : "$lt";
  const behindId = { _id: { [beyond]: cursor.id } };
  const absent = { [path]: null };
  if (cursor.value === null) {
    const rest = [absent, behindId];
    return direction === 1 ? [rest, [{ [path]: { $gte: lowest(type) } }]] : [rest];
  }
  const behind = [
    { [path]: { [`${beyond}e`]: cursor.value } },
    { $or: [{ [path]: { [beyond]: cursor.value } }, behindId] },
  ];
  return field.optional && direction === -1 ? [behind, [absent]] : [behind];
};

/** Where a document stands in an order. */
export const cursorOf = ({ field }: Order, document: Document): Cursor => ({
  value: scalarAt(document, sortedBy(field).path),
  id: String(document["_id"]),
});

/** Compares documents as the engine's sort does. */
export const compareBy =
  (order: Order) =>
  (a: Document, b: Document): number => {
    const [left, right] = [cursorOf(order, a), cursorOf(order, b)];
    return order.direction * (compareValues(left.value, right.value) || compareText(left.id, right.id));
  };

const scalarAt = (document: Document, path: string): Scalar | null => {
  const value: unknown = path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Document)[key] : undefined),
      document,
    );
  if (Long.isLong(value)) return value.toBigInt();
  if (value instanceof Date || typeof value === "string" || typeof value === "bigint") return value;
  return typeof value === "number" || typeof value === "boolean" ? value : null;
};

const compareValues = (a: Scalar | null, b: Scalar | null): number => {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
};

/** Engines compare text by its UTF-8 bytes, which for characters beyond U+FFFF is not how JavaScript does. */
const compareText = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** The lowest value of a type, below which only absent ones sort. */
const lowest = (type: FieldType): Scalar => {
  switch (type) {
    case "string":
    case "enum":
    case "date":
      return "";
    case "bool":
      return false;
    case "time":
      return new Date(-8.64e15);
    case "int32":
    case "int64":
    case "double":
      return Number.NEGATIVE_INFINITY;
  }
};
