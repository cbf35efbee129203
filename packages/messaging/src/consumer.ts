import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Db } from "mongodb";
import type { DeadLetters } from "./dead-letter.ts";
import { defaultRetryAfterMs, delivery } from "./delivery.ts";
import { type EventTypes, type History, removeDurable } from "./durable.ts";
import type { Host } from "./host.ts";
import type { JournalPosition } from "./journal.ts";
import { openPositions } from "./position.ts";
import type { Recorded } from "./recorded.ts";
import { settler } from "./settle.ts";
import { followSource, type Source, type SourceState } from "./source.ts";

/** An event read from a journal rather than from the bus. */
export type JournaledEvent = Recorded & { readonly recordedAt: Date };

/** Reads another service's journal, every tenant, in the journal's order; by that service's rpc, never by its collection. */
export type JournalReader = (
  context: string,
  scan: { readonly after?: JournalPosition; readonly types?: readonly string[] },
) => AsyncIterable<JournaledEvent>;

/** Event types by source context. */
export type Sources = Readonly<Record<string, EventTypes>>;

/** What subscriptions of one service share. */
export type SubscriptionHost = {
  /** The consuming service. */
  readonly service: string;
  readonly db: Db;
  readonly nats: NatsConnection;
  readonly deadLetters: DeadLetters;
  readonly readJournal: JournalReader;
  readonly host: Host;
};

export type SubscriptionOptions = SubscriptionHost & {
  /** Unique within the service; a new name is a new subscription. */
  readonly name: string;
  readonly from: Sources;
  /**
   * Bears duplicates and any order (law 3). What it throws decides: `Poison` goes to the dead letters at once, `Transient`
   * waits, anything else is tried `maxAttempts` times. A refusal by the domain is the handler's to log; it returns.
   */
  readonly handle: (event: Recorded) => Promise<void>;
  /** Default `all`: what the streams no longer hold comes from the journals. */
  readonly history?: History;
  /** Default 8. */
  readonly maxAttempts?: number;
  /** Waits before the second, third … attempt; the last one repeats. Default half a second to two minutes. */
  readonly retryAfterMs?: readonly number[];
  /** Events handled at once by this replica per source, of one record only one. Default 16. */
  readonly concurrency?: number;
  /** Events delivered and not yet settled, over all replicas and per source. Default 512. */
  readonly maxAckPending?: number;
  /** How long the broker waits for a replica that vanished before it delivers to another. Default 30 s. */
  readonly ackWaitMs?: number;
};

/** Which source, and until when, somebody waits for. */
export type CaughtUpWithin = { readonly context?: string; readonly signal?: AbortSignal };

export type Subscription = {
  /** `<service>_<name>`: the durable consumers' name, and that of its dead letters. */
  readonly id: string;
  states(): Readonly<Record<string, SourceState>>;
  /**
   * Resolves when every event published before this call, of all sources or of one, is settled: handled, or a dead
   * letter. Rejects when the signal fires first.
   */
  caughtUp(within?: CaughtUpWithin): Promise<void>;
  /** Every event of every source published before then is settled; undefined if no source has published yet. */
  asOf(): Promise<Date | undefined>;
  /** Handles the events of one source's journal after a place, beside the live ones; `reached` is told how far it came. */
  readJournal(
    context: string,
    after: JournalPosition,
    reached: (place: JournalPosition) => Promise<void>,
  ): Promise<void>;
  /** Stops taking events, lets those in hand finish, gives back the rest. */
  stop(): Promise<void>;
};

const maxUnburiedRetryMs = 5_000;

/**
 * Subscribes to other services' events with one durable consumer per source context, shared by all replicas.
 * Never fails: a source that is not up, or a broker that is away, is tried again in the background.
 */
export const startSubscription = (options: SubscriptionOptions): Subscription => {
  const { service, name, from, handle, db, nats, deadLetters, readJournal, host } = options;
  const {
    history = "all",
    maxAttempts = 8,
    retryAfterMs = defaultRetryAfterMs,
    concurrency = 16,
    maxAckPending = 512,
    ackWaitMs = 30_000,
  } = options;
  const id = `${service}_${name}`;
  const positions = openPositions(db);
  const attempts = delivery({ subscription: id, handle, maxAttempts, retryAfterMs, host });
  const shared = {
    nats,
    positions,
    readJournal,
    host,
    history,
    concurrency,
    settler: settler({
      subscription: id,
      delivery: attempts,
      deadLetters,
      host,
      unburiedRetryMs: Math.min(maxUnburiedRetryMs, ...retryAfterMs.slice(-1)),
    }),
  };
  deadLetters.attach(id, handle);
  const sources = new Map<string, Source>(
    Object.entries(from).map(([context, types]) => [
      context,
      followSource({ ...shared, durable: { name: id, context, types, maxAckPending, ackWaitMs } }),
    ]),
  );

  return {
    id,
    states: () => Object.fromEntries(sources.entries().map(([context, source]) => [context, source.state()])),
    caughtUp: async ({ context, signal } = {}) => {
      const awaited = [...sources.values()].filter((source) => context === undefined || source.context === context);
      await Promise.all(awaited.map((source) => source.caughtUp(signal)));
    },
    readJournal: async (context, after, reached) => {
      const source = sources.get(context);
      if (!source) throw new TypeError(`${id} does not follow ${context}`);
      await source.readJournal(after, reached);
    },
    asOf: async () => {
      const known = (await Promise.all(sources.values().map((source) => source.asOf()))).flatMap((at) => at ?? []);
      return known.length > 0 ? new Date(Math.min(...known.map((at) => at.getTime()))) : undefined;
    },
    stop: async () => {
      await Promise.all(sources.values().map((source) => source.stop()));
      deadLetters.detach(id);
    },
  };
};

/** Ends a subscription for good, once no replica runs it any more: its durables, positions and dead letters go. */
export const forgetSubscription = async ({
  service,
  name,
  from,
  db,
  nats,
  deadLetters,
}: Pick<SubscriptionOptions, "service" | "name" | "from" | "db" | "nats" | "deadLetters">): Promise<void> => {
  const id = `${service}_${name}`;
  const manager = await jetstreamManager(nats, { checkAPI: false });
  for (const context of Object.keys(from)) await removeDurable(manager, context, id);
  await openPositions(db).remove(id);
  await deadLetters.discardAll(id);
};
