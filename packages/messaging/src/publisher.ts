import { randomUUID } from "node:crypto";
import { type JetStreamClient, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { BusMessage } from "./cloud-event.ts";
import type { Host } from "./host.ts";
import { ensureStream } from "./stream.ts";

/** The server takes 1,000; half of it bounds what a retry sends again. */
export const maxBatchMessages = 500;

/** Bounds what the connection buffers and what a retry sends again. */
export const maxBatchBytes = 4 * 1024 * 1024;

/** How long the broker may take to sync and acknowledge before the publish counts as failed; a repeat is harmless. */
const ackTimeoutMs = 5_000;

/** The broker's code where a stream allows no batches. */
const batchesDisabledCode = 10174;

/** Single publishes under way at once, when a batch was refused. */
const singlesInFlight = 64;

/** Publishes to one context's stream. Resolves only when the broker has stored every message, or had stored it before. */
export type Publisher = {
  publish(messages: readonly BusMessage[]): Promise<void>;
  /** The largest message, headers included, that the broker takes. */
  maxMessageBytes(): number;
};

/**
 * At most `maxBatchMessages` go out as one atomic batch, all or nothing. The broker refuses a whole batch when it already
 * knows one of the ids (10201); a server before 2.12 does not know batches, a stream made elsewhere may not allow them.
 * Then the same messages go out one by one, and the broker drops the ids it has stored.
 */
export const openPublisher = (
  nats: NatsConnection,
  { context, replicas }: { context: string; replicas?: number | undefined },
  host: Host,
): Publisher => {
  const client = jetstream(nats);
  /** Nothing is known of broker and stream: at first, and after a fault. */
  let isDoubtful = true;
  let allowsBatches = true;

  /** Makes the stream if it is gone. A process that may not even ask finds out by publishing. */
  const look = async (): Promise<void> => {
    try {
      const manager = await jetstreamManager(nats, { checkAPI: false });
      const stream = await ensureStream(manager, context, host, replicas);
      if (stream) allowsBatches = stream.config.allow_atomic === true;
    } catch (error) {
      host.log.warn({ context, err: error }, "the stream cannot be looked at");
    }
    isDoubtful = false;
  };

  return {
    publish: async (messages) => {
      if (isDoubtful) {
        // While the connection is down the client would buffer each attempt: one ping waits for the broker instead.
        await answering(nats);
        await look();
      }
      try {
        if (allowsBatches && messages.length > 1) {
          const outcome = await publishBatch(nats, messages);
          if (outcome === "stored") return;
          allowsBatches = outcome !== "disallowed";
        }
        await publishSingly(client, messages);
      } catch (error) {
        isDoubtful = true;
        throw error;
      }
    },
    maxMessageBytes: () => nats.info?.max_payload ?? 1024 * 1024,
  };
};

type BatchOutcome =
  | "stored"
  /** This batch was: it repeats an id, or there are too many under way. */
  | "refused"
  /** All batches are. */
  | "disallowed";

/** Rejects if the broker did not answer. */
const publishBatch = async (nats: NatsConnection, messages: readonly BusMessage[]): Promise<BatchOutcome> => {
  const batch = randomUUID();
  const last = messages.length - 1;
  for (const [at, message] of messages.entries()) {
    message.headers.set("Nats-Batch-Id", batch);
    message.headers.set("Nats-Batch-Sequence", String(at + 1));
    if (at < last) nats.publish(message.subject, message.data, { headers: message.headers });
  }
  const closing = messages[last];
  if (!closing) return "stored";
  closing.headers.set("Nats-Batch-Commit", "1");
  const reply = await nats.request(closing.subject, closing.data, { headers: closing.headers, timeout: ackTimeoutMs });
  const ack: { error?: { err_code?: number }; count?: number } = reply.json();
  if (ack.error) return ack.error.err_code === batchesDisabledCode ? "disallowed" : "refused";
  // A server that does not know batches has stored the messages, each for itself, and says nothing of a count.
  return ack.count === messages.length ? "stored" : "disallowed";
};

const publishSingly = async (client: JetStreamClient, messages: readonly BusMessage[]): Promise<void> => {
  for (let from = 0; from < messages.length; from += singlesInFlight)
    await Promise.all(
      messages.slice(from, from + singlesInFlight).map((message) => {
        for (const name of ["Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit"]) message.headers.delete(name);
        return client.publish(message.subject, message.data, { headers: message.headers, timeout: ackTimeoutMs });
      }),
    );
};

const answering = async (nats: NatsConnection): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the broker does not answer")), ackTimeoutMs);
  });
  try {
    await Promise.race([nats.flush(), silence]);
  } finally {
    clearTimeout(timer);
  }
};
