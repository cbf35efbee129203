import { isDeepStrictEqual } from "node:util";

/** One field of a record, as it is and as it would be; a side that has no value is left out. */
export type Difference = { readonly field: string; readonly before?: unknown; readonly after?: unknown };

type Fields = Readonly<Record<string, unknown>>;

/** They change with every write and say nothing. */
const KEPT: ReadonlySet<string> = new Set(["etag", "updateTime"]);

/** The record as it would be, without what only its being written will tell. */
export const foretold = (record: Fields): Fields =>
  Object.fromEntries(Object.entries(record).filter(([field]) => !KEPT.has(field)));

/** What would change, field by field; lists and messages are told whole. */
export const differences = (before: Fields, after: Fields): Difference[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => !KEPT.has(field) && !isDeepStrictEqual(before[field], after[field]))
    .map((field) => ({
      field,
      ...(before[field] !== undefined && { before: before[field] }),
      ...(after[field] !== undefined && { after: after[field] }),
    }));
