import type { Decider, Typed } from "@keynode/decider/decider";
import type { MessageCodec } from "@keynode/messaging/recorded";
import type { IndexDescription } from "mongodb";

/** The fields every resource has; times and `etag` are kept by the chassis, not by deciders. */
export type Resource = {
  id: string;
  ownerId: string;
  teamId: string;
  createTime?: Date | undefined;
  updateTime?: Date | undefined;
  deleteTime?: Date | undefined;
  etag: string;
};

/** The generated message of one event type; the chassis fills `snapshot` on a commit's last event. */
export type EventCodecs<Event extends Typed> = {
  readonly [Type in Event["type"]]: MessageCodec<Omit<Extract<Event, { type: Type }>, "type">>;
};

/** Reason of the refusal when a unique index of the aggregate is hit, by index name. */
export type UniqueReasons = Readonly<Record<string, string>>;

/** Everything the chassis needs to know of one aggregate. */
export type Aggregate<State extends Resource, Command extends Typed, Event extends Typed, Context> = {
  /** Singular name: TypeID prefix, `kind` of its events. */
  readonly name: string;
  /** MongoDB collection and path under `/v1/`. */
  readonly collection: string;
  readonly decider: Decider<Command, State, Event, Context>;
  /** The generated codecs; they leave the state's private fields out of snapshots. */
  readonly events: EventCodecs<Event>;
  /** Private fields kept for indexes (sort and match keys), worked out anew at every commit. */
  readonly derive?: (state: State) => Partial<State>;
  /** Commands that a deleted record still takes: undelete, and delete again. */
  readonly onDeleted?: readonly Command["type"][];
  /** Those of its listing and its unique ones; each starts with `tenant`. */
  readonly indexes?: readonly IndexDescription[];
  readonly uniqueReasons?: UniqueReasons;
  /** When the aggregate wants to be woken (law 9); undefined: never. */
  readonly wakeAt?: (state: State) => Date | undefined;
};

/** Ties the four type parameters together once, so that call sites infer them. */
export const defineAggregate = <State extends Resource, Command extends Typed, Event extends Typed, Context>(
  aggregate: Aggregate<State, Command, Event, Context>,
): Aggregate<State, Command, Event, Context> => aggregate;
