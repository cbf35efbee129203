import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  ReplayPolicy,
  type StreamInfo,
} from "@nats-io/jetstream";
import { backfillFrom, type Position } from "./position.ts";
import { snapshotType, streamName, typeSubject } from "./subject.ts";

/** Event types of one context. `*` stands for all recorded ones; `Snapshot` has to be named. */
export type EventTypes = "*" | readonly string[];

/** The types by name, or undefined for all. */
export const namedTypes = (types: EventTypes): readonly string[] | undefined =>
  typeof types === "string" || types.includes("*") ? undefined : types;

export const takesSnapshots = (types: EventTypes): boolean => typeof types !== "string" && types.includes(snapshotType);

/** A durable consumer shared by all replicas of a service. */
export type Durable = {
  readonly name: string;
  readonly context: string;
  readonly types: EventTypes;
  readonly maxAckPending: number;
  readonly ackWaitMs: number;
};

/** Where a subscription without a position starts: at the first event there is, or at the next one. */
export type History = "all" | "none";

/** Makes the consumer, or brings an existing one to this configuration and leaves it where it is. True if there was none. */
export const ensureDurable = async (
  manager: JetStreamManager,
  { name, context, types, maxAckPending, ackWaitMs }: Durable,
  start: Partial<ConsumerConfig>,
): Promise<boolean> => {
  const stream = streamName(context);
  const changeable = {
    filter_subjects: (namedTypes(types) ?? ["*"]).map((type) => typeSubject(context, type)),
    ack_wait: ackWaitMs * 1_000_000,
    max_ack_pending: maxAckPending,
  };
  try {
    await manager.consumers.update(stream, name, changeable);
    return false;
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.ConsumerNotFound) throw error;
  }
  await manager.consumers.add(stream, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    replay_policy: ReplayPolicy.Instant,
    // Attempts are ours to count: the broker would drop the message without a dead letter.
    max_deliver: -1,
    ...changeable,
    ...start,
  });
  return true;
};

/** Deletes the consumer; nothing happens if it is not there, or its stream is not. */
export const removeDurable = async (manager: JetStreamManager, context: string, name: string): Promise<void> => {
  try {
    await manager.consumers.delete(streamName(context), name);
  } catch (error) {
    const gone: readonly number[] = [JetStreamApiCodes.ConsumerNotFound, JetStreamApiCodes.StreamNotFound];
    if (!(error instanceof JetStreamApiError) || !gone.includes(error.code)) throw error;
  }
};

/** Where a consumer that has to be made starts. */
export const startPolicy = (
  stream: StreamInfo,
  position: Position | undefined,
  history: History,
): Partial<ConsumerConfig> => {
  if (!position && history === "none") return { deliver_policy: DeliverPolicy.New };
  if (!position || backfillFrom(stream, position)) return { deliver_policy: DeliverPolicy.All };
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: position.seq + 1 };
};
