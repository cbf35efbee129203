import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import type { Host } from "./host.ts";
import type { Positions } from "./position.ts";
import { streamName } from "./subject.ts";

const saveMs = 15_000;

export type Place = { readonly seq: number; readonly at: Date };

/** How far a subscription has come in one source while it follows it; its position is saved now and then. */
export type Progress = {
  saw(message: JsMsg): void;
  /** The last known place up to which everything is settled; asks the broker, at most every half second. */
  reached(): Promise<Place | undefined>;
  /** Saves a last time. */
  stop(): Promise<void>;
};

const askMs = 500;

/**
 * An idle consumer has come to now. A busy one has come to a message that was delivered here, once the floor of
 * acknowledged messages, which spans all replicas, has passed it.
 */
export const trackProgress = ({
  subscription,
  context,
  manager,
  streamCreated,
  positions,
  host,
}: {
  subscription: string;
  context: string;
  manager: JetStreamManager;
  streamCreated: string;
  positions: Positions;
  host: Host;
}): Progress => {
  const stream = streamName(context);
  let newest: Place | undefined;
  let candidate: Place | undefined;
  let passed: Place | undefined;
  let askedAt = new Date(0);

  const ask = async (): Promise<void> => {
    askedAt = host.now();
    const at = askedAt;
    const info = await manager.consumers.info(stream, subscription);
    if (info.num_pending === 0 && info.num_ack_pending === 0) passed = { seq: info.delivered.stream_seq, at };
    else if (!candidate) candidate = newest;
    else if (info.ack_floor.stream_seq >= candidate.seq) {
      passed = candidate;
      candidate = newest;
    }
  };

  const tryAsk = async (): Promise<void> => {
    await ask().catch((error: unknown) => host.log.debug({ subscription, stream, err: error }, "position unknown"));
  };

  const save = async (): Promise<void> => {
    await tryAsk();
    if (!passed) return;
    await positions
      .save(subscription, context, { streamCreated, ...passed })
      .catch((error: unknown) => host.log.warn({ subscription, stream, err: error }, "position not saved"));
  };

  const timer = setInterval(save, saveMs);
  return {
    saw: (message) => {
      if (!newest || message.seq > newest.seq) newest = { seq: message.seq, at: message.time };
    },
    reached: async () => {
      if (host.now().getTime() - askedAt.getTime() >= askMs) await tryAsk();
      return passed;
    },
    stop: async () => {
      clearInterval(timer);
      await save();
    },
  };
};
