import type { NatsConnection } from "@nats-io/transport-node";
import type { Db } from "mongodb";
import type { DeadLetters } from "./dead-letter.ts";
import { delivery } from "./delivery.ts";
import type { Host } from "./host.ts";
import type { JournalPosition } from "./journal.ts";
import { openPositions } from "./position.ts";
import type { Recorded } from "./recorded.ts";
import { followSource, type Source } from "./source.ts";

/** An event read from a journal rather than from the bus. */
export type JournaledEvent = Recorded & { readonly recordedAt: Date };

/** Reads another service's journal, every tenant, in the journal's order; by that service's rpc, never by its collection. */
export type JournalReader = (
  context: string,
  scan: { readonly after?: JournalPosition; readonly types?: readonly string[] },
) => AsyncIterable<JournaledEvent>;

export type SubscriptionOptions = {
  /** The consuming service. */
  readonly service: string;
  /** Unique within the service; a new name is a new subscription, which starts from the beginning. */
  readonly name: string;
  /** Event types by source context, `*` for all; republished snapshots come only where `Snapshot` is named. */
  readonly from: Readonly<Record<string, readonly string[] | "*">>;
  /**
   * Bears duplicates and any order (law 3). What it throws decides: `Poison` goes to the dead letters at once, `Transient`
   * waits, anything else is tried `maxAttempts` times. A refusal by the domain is the handler's to log; it returns.
   */
  readonly handle: (event: Recorded) => Promise<void>;
  readonly db: Db;
  readonly nats: NatsConnection;
  readonly deadLetters: DeadLetters;
  readonly readJournal: JournalReader;
  readonly host: Host;
  /** Where a subscription without a position starts: at the first event ever, or at the next one. Default `all`. */
  readonly history?: "all" | "none";
  /** Default 8. */
  readonly maxAttempts?: number;
  /** Events handled at once by this replica per source, of one record only one. Default 16. */
  readonly concurrency?: number;
  /** Events delivered and not yet settled, over all replicas and per source. Default 512. */
  readonly maxAckPending?: number;
  /** How long the broker waits for a replica that vanished before it delivers to another. Default 30 s. */
  readonly ackWaitMs?: number;
};

export type SubscriptionState = {
  readonly context: string;
  /** `waiting`: the source has no stream yet, or the broker is away. */
  readonly state: "waiting" | "backfilling" | "live";
};

export type Subscription = {
  /** `<service>_<name>`: the durable consumers' name. */
  readonly id: string;
  states(): readonly SubscriptionState[];
  /** Resolves when every event published before this call is settled: handled, or a dead letter. */
  caughtUp(): Promise<void>;
  /** Stops taking events, lets those in hand finish, gives back the rest. */
  stop(): Promise<void>;
  /** Stops and forgets: durables and position go. */
  remove(): Promise<void>;
};

/**
 * Subscribes to other services' events with one durable consumer per source context, shared by all replicas.
 * Never fails: a source that is not up, or a broker that is away, is tried again in the background.
 */
export const startSubscription = (options: SubscriptionOptions): Subscription => {
  const { service, name, from, handle, db, nats, deadLetters, readJournal, host } = options;
  const { history = "all", maxAttempts = 8, concurrency = 16, maxAckPending = 512, ackWaitMs = 30_000 } = options;
  const id = `${service}_${name}`;
  const positions = openPositions(db);
  const shared = {
    ...{
      subscription: id,
      nats,
      deadLetters,
      readJournal,
      host,
      positions,
      history,
      concurrency,
      maxAckPending,
      ackWaitMs,
    },
    delivery: delivery({ subscription: id, handle, maxAttempts, host }),
  };
  deadLetters.attach(id, handle);
  const sources: readonly Source[] = Object.entries(from).map(([context, types]) =>
    followSource({ ...shared, context, types }),
  );

  const stop = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.stop()));
    deadLetters.detach(id);
  };

  return {
    id,
    states: () => sources.map((source) => ({ context: source.context, state: source.state() })),
    caughtUp: async () => {
      await Promise.all(sources.map((source) => source.caughtUp()));
    },
    stop,
    remove: async () => {
      await stop();
      await Promise.all(sources.map((source) => source.remove()));
      await positions.remove(id);
    },
  };
};
