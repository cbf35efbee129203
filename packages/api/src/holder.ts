import type { Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter } from "mongodb";

/**
 * A refusal because another record has one of these values at a unique path, naming that record as `field` to callers
 * who may see it; others learn only that there is one.
 */
export const refusalNamingHolder = async <State extends Resource, Command extends Typed, Event extends Typed, Context>(
  store: Store<State, Command, Event, Context>,
  { reason, field, path }: { readonly reason: string; readonly field: string; readonly path: string },
  values: readonly string[],
  { tenant, visibility }: Call,
): Promise<DomainError> => {
  const filter = { tenant, [path]: { $in: values } } as Filter<AggregateDocument<State>>;
  const holder = (await store.collection.findOne(filter, { projection: { _id: 1 } }))?._id;
  const isSeen = holder !== undefined && (await store.get(tenant, String(holder), visibility)) !== undefined;
  return reject(reason, isSeen ? { [field]: String(holder) } : {});
};
