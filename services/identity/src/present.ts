import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection, Filter } from "mongodb";

/** Those of the ids that are records of the tenant and not deleted, with their states. */
export const presentRecords = async <State>(
  collection: Collection<AggregateDocument<State>>,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, State>> => {
  if (ids.length === 0) return new Map();
  const filter = { _id: { $in: [...new Set(ids)] }, tenant, "state.deleteTime": null };
  const found = await collection.find(filter as Filter<AggregateDocument<State>>).toArray();
  return new Map(found.map(({ _id, state }) => [_id, state as State]));
};
