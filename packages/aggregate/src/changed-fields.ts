import { isDeepStrictEqual } from "node:util";
import type { Resource } from "./aggregate.ts";

/** Kept by the chassis at every commit: their change says nothing. */
const kept: ReadonlySet<string> = new Set(["id", "etag", "createTime", "updateTime"] satisfies (keyof Resource)[]);

/** Names of a record's fields, private ones too, that two of its states differ in; values that a fold passed on cost nothing. */
export const changedFields = (before: Readonly<Record<string, unknown>>, after: typeof before): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !kept.has(name) && before[name] !== after[name] && !isDeepStrictEqual(before[name], after[name]),
  );
