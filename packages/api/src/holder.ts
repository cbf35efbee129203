import type { Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { mayCompare } from "@keynode/grpc/masking/sight";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter } from "mongodb";

type Unique = {
  readonly reason: string;
  readonly field: string;
  readonly path: string;
  readonly sensitive?: string;
};

/**
 * A refusal because another record has one of these values at a unique path, naming that record as `field` to callers
 * who may see it; others learn only that there is one. With `sensitive`, the collection whose sensitive fields the
 * values are of, the record is named only to callers who may compare those: others would learn whose value it is.
 */
export const refusalNamingHolder = async <State extends Resource, Command extends Typed, Event extends Typed, Context>(
  store: Store<State, Command, Event, Context>,
  { reason, field, path, sensitive }: Unique,
  values: readonly string[],
  call: Call,
): Promise<DomainError> => {
  if (sensitive !== undefined && !mayCompare(call, sensitive)) return reject(reason);
  const { tenant, visibility } = call;
  const filter = { tenant, [path]: { $in: values } } as Filter<AggregateDocument<State>>;
  const holder = (await store.collection.findOne(filter, { projection: { _id: 1 } }))?._id;
  const isSeen = holder !== undefined && (await store.get(tenant, String(holder), visibility)) !== undefined;
  return reject(reason, isSeen ? { [field]: String(holder) } : {});
};
