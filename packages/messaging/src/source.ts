import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  type JetStreamManager,
  JetStreamApiCodes,
  JetStreamApiError,
  type JsMsg,
  jetstream,
  jetstreamManager,
  ReplayPolicy,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type Backoff, backoffMs, pause } from "./backoff.ts";
import { fromBusMessage, isMalformed } from "./cloud-event.ts";
import type { JournalReader } from "./consumer.ts";
import type { DeadLetters } from "./dead-letter.ts";
import type { Delivery } from "./delivery.ts";
import type { Host } from "./host.ts";
import { lanes } from "./lanes.ts";
import { backfillFrom, type Position, type Positions } from "./position.ts";
import type { Recorded } from "./recorded.ts";
import { reconnects } from "./reconnects.ts";
import { streamInfo } from "./stream.ts";
import { snapshotType, streamName, typeSubject } from "./subject.ts";

export type SourceOptions = {
  readonly subscription: string;
  readonly context: string;
  readonly types: readonly string[] | "*";
  readonly nats: NatsConnection;
  readonly deadLetters: DeadLetters;
  readonly readJournal: JournalReader;
  readonly host: Host;
  readonly positions: Positions;
  readonly delivery: Delivery;
  readonly history: "all" | "none";
  readonly concurrency: number;
  readonly maxAckPending: number;
  readonly ackWaitMs: number;
};

export type Source = {
  readonly context: string;
  state(): "waiting" | "backfilling" | "live";
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
  /** Deletes the durable consumer. */
  remove(): Promise<void>;
};

const nanos = (ms: number): number => ms * 1_000_000;

/** A source that is not up yet is looked for this often. */
const retryBackoff: Backoff = { firstMs: 250, maxMs: 5_000 };

const savePositionMs = 15_000;

/** One source context of a subscription: its durable consumer, its position, and the way back when the position is gone. */
export const followSource = (options: SourceOptions): Source => {
  const { subscription, context, nats, deadLetters, host, positions, delivery, maxAckPending, ackWaitMs } = options;
  const stream = streamName(context);
  const wanted = options.types === "*" ? undefined : new Set(options.types);
  const stopping = new AbortController();
  const lane = lanes(options.concurrency);
  const held = new Set<JsMsg>();
  let state: ReturnType<Source["state"]> = "waiting";

  const follow = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        const manager = await jetstreamManager(nats, { checkAPI: false });
        const info = await streamInfo(manager, stream);
        if (info) {
          await ready(manager, info);
          failures = 0;
          await consume(manager, info.created);
        } else if (failures === 0) host.log.info({ subscription, stream }, "waiting for the source's stream");
      } catch (error) {
        if (!stopping.signal.aborted)
          host.log.warn({ subscription, stream, err: error }, "source lost, will be tried again");
      }
      state = "waiting";
      await pause(backoffMs(failures, retryBackoff), stopping.signal);
    }
  };

  /** The consumer first, then the gap behind it: nothing falls between. */
  const ready = async (manager: JetStreamManager, info: StreamInfo): Promise<void> => {
    const position = await positions.load(subscription, context);
    const startedAt = host.now();
    const isNew = await ensureConsumer(manager, startPolicy(info, position));
    if (!position && options.history === "none") {
      if (isNew) await savePosition({ streamCreated: info.created, seq: info.state.last_seq, at: startedAt });
      return;
    }
    const gap = backfillFrom(info, position);
    if (gap) {
      host.log.warn({ subscription, stream, from: gap }, "the stream does not lead on: reading the source's journal");
      state = "backfilling";
      await backfill(gap);
    }
    if (gap || !position)
      await savePosition({
        streamCreated: info.created,
        seq: info.state.first_seq - 1,
        at: gap ? startedAt : new Date(0),
      });
  };

  const startPolicy = (info: StreamInfo, position: Position | undefined): Partial<ConsumerConfig> => {
    if (!position && options.history === "none") return { deliver_policy: DeliverPolicy.New };
    if (!position || backfillFrom(info, position)) return { deliver_policy: DeliverPolicy.All };
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: position.seq + 1 };
  };

  /** True if there was none. */
  const ensureConsumer = async (manager: JetStreamManager, start: Partial<ConsumerConfig>): Promise<boolean> => {
    const changeable = {
      filter_subjects: [...(wanted ?? ["*"])].map((type) => typeSubject(context, type)),
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
    };
    try {
      await manager.consumers.update(stream, subscription, changeable);
      return false;
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.ConsumerNotFound) throw error;
    }
    await manager.consumers.add(stream, {
      durable_name: subscription,
      ack_policy: AckPolicy.Explicit,
      replay_policy: ReplayPolicy.Instant,
      // Attempts are ours to count: the broker would drop the message without a dead letter.
      max_deliver: -1,
      ...changeable,
      ...start,
    });
    return true;
  };

  const backfill = async (from: Date): Promise<void> => {
    const after = { recordedAt: from, id: "" };
    const events = options.readJournal(context, { after, ...(wanted && { types: [...wanted] }) });
    for await (const event of events) {
      if (stopping.signal.aborted) throw new Error("stopped while reading the journal");
      await lane.below(maxAckPending);
      void lane.run(event.recordId, () => settleJournaled(event));
    }
    await lane.below(1);
    if (stopping.signal.aborted) throw new Error("stopped while handling the journal");
  };

  const settleJournaled = async (event: Recorded): Promise<void> => {
    while (!stopping.signal.aborted) {
      const outcome = await delivery.attempt(event);
      if (outcome.kind === "handled") return;
      if (outcome.kind === "retry") await pause(outcome.afterMs, stopping.signal);
      else if (await buried(`journal of ${context}`, event.id, event.data, outcome, event)) return;
    }
  };

  /** Takes events until the consumer is lost, the connection was, or the source is stopped. */
  const consume = async (manager: JetStreamManager, streamCreated: string): Promise<void> => {
    const consumer = await jetstream(nats).consumers.get(stream, subscription);
    const messages = await consumer.consume({
      max_messages: Math.min(maxAckPending, 256),
      abort_on_missing_resource: true,
    });
    const close = (): void => void messages.close();
    stopping.signal.addEventListener("abort", close, { once: true });
    const connection = reconnects(nats, close);
    const progress = tracking(manager, streamCreated);
    const alive = setInterval(() => held.forEach((message) => message.working()), ackWaitMs / 3);
    state = "live";
    try {
      for await (const message of messages) {
        progress.saw(message);
        receive(message);
      }
    } finally {
      connection.stop();
      stopping.signal.removeEventListener("abort", close);
      close();
      await lane.below(1);
      clearInterval(alive);
      await progress.stop();
    }
  };

  const receive = (message: JsMsg): void => {
    held.add(message);
    const event = fromBusMessage(message);
    const key = isMalformed(event) ? message.subject : event.recordId;
    void lane.run(key, async () => {
      try {
        if (stopping.signal.aborted) message.nak();
        else if (isMalformed(event)) await refuse(message, event.malformed);
        else if (event.type === snapshotType && !wanted?.has(snapshotType)) message.ack();
        else await settle(message, event);
      } finally {
        held.delete(message);
      }
    });
  };

  const settle = async (message: JsMsg, event: Recorded): Promise<void> => {
    const outcome = await delivery.attempt(event);
    if (outcome.kind === "handled") message.ack();
    else if (outcome.kind === "retry") message.nak(outcome.afterMs);
    else if (await buried(message.subject, event.id, message.data, outcome, event)) message.term();
    else message.nak(retryBackoff.maxMs);
  };

  const refuse = async (message: JsMsg, why: string): Promise<void> => {
    const outcome = { error: new Error(why), attempts: message.info.deliveryCount };
    if (await buried(message.subject, `${stream}:${message.seq}`, message.data, outcome)) message.term();
    else message.nak(retryBackoff.maxMs);
  };

  /** False if the dead letter could not be stored. */
  const buried = async (
    subject: string,
    key: string,
    data: Uint8Array,
    { error, attempts }: { error: unknown; attempts: number },
    event?: Recorded,
  ): Promise<boolean> => {
    try {
      await deadLetters.put({ subscription, key, subject, data, error, attempts, ...(event && { event }) });
      return true;
    } catch (fault) {
      host.log.warn(
        { subscription, subject, key, err: fault },
        "dead letter cannot be stored, the event will come again",
      );
      return false;
    }
  };

  const savePosition = (position: Position): Promise<void> => positions.save(subscription, context, position);

  /** Saves how far the consumer has come: to now when it is idle, else to a message seen here before its acknowledged floor. */
  const tracking = (manager: JetStreamManager, streamCreated: string) => {
    let candidate: { seq: number; at: Date } | undefined;
    let newest: { seq: number; at: Date } | undefined;
    const save = async (): Promise<void> => {
      const askedAt = host.now();
      const info = await manager.consumers.info(stream, subscription);
      const isIdle = info.num_pending === 0 && info.num_ack_pending === 0;
      const floor = info.ack_floor.stream_seq;
      if (isIdle) await savePosition({ streamCreated, seq: info.delivered.stream_seq, at: askedAt });
      else if (candidate && floor >= candidate.seq) await savePosition({ streamCreated, ...candidate });
      if (!candidate || floor >= candidate.seq) candidate = newest;
    };
    const trySave = (): Promise<void> =>
      save().catch((error: unknown) => host.log.debug({ subscription, stream, err: error }, "position not saved"));
    const timer = setInterval(trySave, savePositionMs);
    return {
      saw: (message: JsMsg): void => {
        if (!newest || message.seq > newest.seq) newest = { seq: message.seq, at: message.time };
      },
      stop: async (): Promise<void> => {
        clearInterval(timer);
        await trySave();
      },
    };
  };

  const running = follow();

  return {
    context,
    state: () => state,
    caughtUp: async () => {
      const manager = await jetstreamManager(nats, { checkAPI: false });
      while (!stopping.signal.aborted) {
        if (state === "live") {
          const info = await manager.consumers.info(stream, subscription);
          if (info.num_pending === 0 && info.num_ack_pending === 0) return;
        }
        await pause(5, stopping.signal);
      }
      throw new Error("the subscription is stopped");
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    remove: async () => {
      const manager = await jetstreamManager(nats, { checkAPI: false });
      await manager.consumers.delete(stream, subscription).catch((error: unknown) => {
        host.log.debug({ subscription, stream, err: error }, "consumer was not there to delete");
      });
    },
  };
};
