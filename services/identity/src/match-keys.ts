import type { Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter, IndexDescription } from "mongodb";

/** A record that no other of its tenant may be taken for. */
export type Matched = { matchKeys?: string[] | undefined; deleteTime?: Date | undefined };

/** `email:…` and the like, of the parts that are filled; none on deleted records, so that others may take their place. */
export const matchKeysOf = (
  parts: Readonly<Record<string, string>>,
  { deleteTime }: Pick<Matched, "deleteTime">,
): string[] | undefined => {
  const keys = Object.entries(parts).flatMap(([name, value]) => (value === "" ? [] : [`${name}:${value}`]));
  return keys.length === 0 || deleteTime !== undefined ? undefined : keys;
};

/** The unique index behind match keys. */
export const matchKeysIndex: IndexDescription = {
  name: "matchKeys",
  key: { tenant: 1, "state.matchKeys": 1 },
  unique: true,
  partialFilterExpression: { "state.matchKeys": { $exists: true } },
};

/** The record that has one of these keys. */
export const holderOf = async <State extends Matched & { id: string; ownerId: string; teamId: string; etag: string }>(
  { collection }: Pick<Store<State, Typed, Typed, unknown>, "collection">,
  tenant: string,
  keys: readonly string[] | undefined,
): Promise<AggregateDocument<State> | undefined> => {
  if (keys === undefined) return undefined;
  const filter = { tenant, "state.matchKeys": { $in: [...keys] } } as Filter<AggregateDocument<State>>;
  const found = await collection.findOne<AggregateDocument<State>>(filter);
  return found ?? undefined;
};
