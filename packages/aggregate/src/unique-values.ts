import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection, Filter, IndexDescription } from "mongodb";
import type { Aggregate, Resource } from "./aggregate.ts";

/** What of an aggregate says which of its values no two records may have. */
type Uniqueness<State extends Resource> = Pick<Aggregate<State, never, never, never>, "indexes" | "uniqueReasons">;

/**
 * The reason that a write of this state would be refused with because another record has one of its unique values;
 * undefined where none has. The index itself decides when it is written: this only foretells it.
 */
export const takenReason = async <State extends Resource>(
  collection: Collection<AggregateDocument<State>>,
  { indexes = [], uniqueReasons = {} }: Uniqueness<State>,
  { id, tenant, state }: { readonly id: string; readonly tenant: string; readonly state: State },
): Promise<string | undefined> => {
  for (const index of indexes) {
    const reason = index.unique === true ? uniqueReasons[index.name ?? ""] : undefined;
    const values = reason === undefined ? undefined : valuesOf(index, state);
    if (values === undefined) continue;
    const held = { $and: [index.partialFilterExpression ?? {}, { tenant, _id: { $ne: id } }, values] };
    const found = await collection.findOne(held as Filter<AggregateDocument<State>>, { projection: { _id: 1 } });
    if (found !== null) return reason;
  }
  return undefined;
};

/** What another record must have in all of the index's fields to stand in the way; undefined where the state lacks one. */
const valuesOf = ({ key }: IndexDescription, state: object): Record<string, { $in: unknown[] }> | undefined => {
  const paths = (key instanceof Map ? [...key.keys()] : Object.keys(key)).filter((path) => path !== "tenant");
  const found = paths.map((path) => [path, valueAt({ state }, path.split("."))] as const);
  if (found.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(found.map(([path, value]) => [path, { $in: [value].flat() }]));
};

const valueAt = (value: unknown, [name, ...deeper]: readonly string[]): unknown => {
  if (name === undefined) return value;
  return typeof value === "object" && value !== null ? valueAt(Reflect.get(value, name), deeper) : undefined;
};
