import { type JetStreamManager, type JsMsg, jetstream, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type Backoff, backoffMs, pause } from "./backoff.ts";
import { fromBusMessage, isMalformed } from "./cloud-event.ts";
import type { JournalReader } from "./consumer.ts";
import { type Durable, ensureDurable, type History, namedTypes, startPolicy, takesSnapshots } from "./durable.ts";
import type { Host } from "./host.ts";
import type { JournalPosition } from "./journal.ts";
import { lanes } from "./lanes.ts";
import { backfillFrom, type Positions } from "./position.ts";
import { type Progress, trackProgress } from "./progress.ts";
import { reconnects } from "./reconnects.ts";
import type { Settler } from "./settle.ts";
import { streamInfo } from "./stream.ts";
import { snapshotType, streamName } from "./subject.ts";
import { tally } from "./tally.ts";

export type SourceOptions = {
  readonly durable: Durable;
  readonly nats: NatsConnection;
  readonly positions: Positions;
  readonly settler: Settler;
  readonly readJournal: JournalReader;
  readonly host: Host;
  readonly history: History;
  readonly concurrency: number;
};

export type SourceState =
  /** The source has no stream yet, or the broker is away. */
  | "waiting"
  /** Reading the journal, because the stream does not lead on from the position. */
  | "backfilling"
  | "live";

/** One source context of a subscription. */
export type Source = {
  readonly context: string;
  state(): SourceState;
  /** Resolves when every event that was published before this call is settled; rejects when the signal fires first. */
  caughtUp(signal?: AbortSignal): Promise<void>;
  /** Every event published before then is settled; undefined as long as that is unknown. */
  asOf(): Promise<Date | undefined>;
  /** Handles the events of the source's journal after a place, beside the live ones; `reached` is told how far it came. */
  readJournal(after: JournalPosition, reached: (place: JournalPosition) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
};

/** A source that is not up yet is looked for this often. */
const retryBackoff: Backoff = { firstMs: 250, maxMs: 5_000 };

/** Events of a journal after which everything in hand is settled, and the place is one to go on from. */
const journalStride = 2_000;

/** Follows one source: its durable consumer, its position, and the way back when the position is gone. Never fails. */
export const followSource = (options: SourceOptions): Source => {
  const { durable, nats, positions, settler, host, history } = options;
  const { name: subscription, context, types, maxAckPending, ackWaitMs } = durable;
  const stream = streamName(context);
  const inLane = lanes(options.concurrency);
  const stopping = new AbortController();
  let state: SourceState = "waiting";
  let progress: Progress | undefined;

  const follow = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        const manager = await jetstreamManager(nats, { checkAPI: false });
        const info = await streamInfo(manager, stream);
        if (info) {
          await prepare(manager, info);
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
  const prepare = async (manager: JetStreamManager, info: StreamInfo): Promise<void> => {
    const position = await positions.load(subscription, context);
    const at = host.now();
    const { created: streamCreated, state: stored } = info;
    const isNew = await ensureDurable(manager, durable, startPolicy(info, position, history));
    if (!position && history === "none") {
      if (isNew) await positions.save(subscription, context, { streamCreated, seq: stored.last_seq, at });
      return;
    }
    const gap = backfillFrom(info, position);
    if (gap) {
      host.log.warn({ subscription, stream, from: gap }, "the stream does not lead on: reading the source's journal");
      state = "backfilling";
      await readJournal({ recordedAt: gap, id: "" }, async () => undefined);
    }
    if (gap || !position)
      await positions.save(subscription, context, {
        streamCreated,
        seq: stored.first_seq - 1,
        at: gap ? at : new Date(0),
      });
  };

  const readJournal: Source["readJournal"] = async (after, reached) => {
    const { signal } = stopping;
    const inHand = tally();
    const settled = async (place: JournalPosition): Promise<void> => {
      await inHand.below(1);
      signal.throwIfAborted();
      await reached(place);
    };
    let place = after;
    let count = 0;
    const named = namedTypes(types);
    for await (const event of options.readJournal(context, { after, ...(named && { types: named }) })) {
      signal.throwIfAborted();
      await inHand.below(maxAckPending);
      inHand.add(inLane(event.recordId, () => settler.journaled(event, signal)));
      place = { recordedAt: event.recordedAt, id: event.id };
      count += 1;
      if (count % journalStride === 0) await settled(place);
    }
    await settled(place);
  };

  /** Takes events until the consumer is lost, the connection was, or the source is stopped. */
  const consume = async (manager: JetStreamManager, streamCreated: string): Promise<void> => {
    const consumer = await jetstream(nats).consumers.get(stream, subscription);
    const messages = await consumer.consume({ max_messages: maxAckPending, abort_on_missing_resource: true });
    const close = (): void => void messages.close();
    stopping.signal.addEventListener("abort", close, { once: true });
    if (stopping.signal.aborted) close();
    const connection = reconnects(nats, close);
    const tracked = trackProgress({ subscription, context, manager, streamCreated, positions, host });
    progress = tracked;
    const held = new Set<JsMsg>();
    const inHand = tally();
    const alive = setInterval(() => held.forEach((message) => message.working()), ackWaitMs / 3);
    state = "live";
    try {
      for await (const message of messages) {
        tracked.saw(message);
        held.add(message);
        inHand.add(receive(message).finally(() => held.delete(message)));
      }
    } finally {
      connection.stop();
      stopping.signal.removeEventListener("abort", close);
      close();
      await inHand.below(1);
      clearInterval(alive);
      await tracked.stop();
    }
  };

  const receive = async (message: JsMsg): Promise<void> => {
    const event = fromBusMessage(message);
    await inLane(isMalformed(event) ? message.subject : event.recordId, async () => {
      if (stopping.signal.aborted) message.nak();
      else if (isMalformed(event)) await settler.malformed(message, event.malformed, context);
      else if (event.type === snapshotType && !takesSnapshots(types)) message.ack();
      else await settler.message(message, event);
    });
  };

  const running = follow();

  return {
    context,
    state: () => state,
    readJournal,
    caughtUp: async (given) => {
      const signal = given ? AbortSignal.any([given, stopping.signal]) : stopping.signal;
      const manager = await jetstreamManager(nats, { checkAPI: false });
      const target = (await streamInfo(manager, stream))?.state.last_seq ?? 0;
      while (!signal.aborted) {
        if (state === "live") {
          const info = await manager.consumers.info(stream, subscription);
          if (info.ack_floor.stream_seq >= target || (info.num_pending === 0 && info.num_ack_pending === 0)) return;
        }
        await pause(10, signal);
      }
      signal.throwIfAborted();
    },
    asOf: async () => (await progress?.reached())?.at ?? (await positions.load(subscription, context))?.at,
    stop: async () => {
      stopping.abort(new Error(`subscription ${subscription} is stopped`));
      await running;
    },
  };
};
