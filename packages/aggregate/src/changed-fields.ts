import { isDeepStrictEqual } from "node:util";
import type { Resource } from "./aggregate.ts";

/** Kept by the chassis at every commit: their change says nothing. */
const kept: ReadonlySet<string> = new Set(["id", "etag", "createTime", "updateTime"] satisfies (keyof Resource)[]);

/** Where the values of a tenant's own fields stand, by their keys. */
const custom = "customFields";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Names of a record's fields, private ones too, that two of its states differ in, custom ones as `customFields.shoeSize`;
 * values that a fold passed on cost nothing.
 */
export const changedFields = (before: Fields, after: Fields): string[] =>
  differing(before, after).flatMap((name) =>
    name === custom
      ? differing((before[custom] ?? {}) as Fields, (after[custom] ?? {}) as Fields).map((key) => `${custom}.${key}`)
      : kept.has(name)
        ? []
        : [name],
  );

const differing = (before: Fields, after: Fields): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name] && !isDeepStrictEqual(before[name], after[name]),
  );
