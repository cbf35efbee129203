import type { NatsConnection } from "@nats-io/transport-node";
import type { Db } from "mongodb";
import { type Backoff, pause, persist } from "./backoff.ts";
import type { Host } from "./host.ts";
import type { Journal } from "./journal.ts";
import { outboxes } from "./outbox.ts";
import { openPublisher } from "./publisher.ts";
import { relaySteps, roundRecords } from "./relay-round.ts";
import { wakeQueue } from "./wake-queue.ts";

/** One aggregate collection of the service. `kind` is the aggregate's name, for example `lead`. */
export type RelaySource = { readonly collection: string; readonly kind: string };

/** The steps of a round, in order; a crash between any two of them repeats work, and loses none. */
export type RelayStep = "take" | "journal" | "publish" | "clear";

export type RelayOptions = {
  readonly context: string;
  readonly db: Db;
  readonly nats: NatsConnection;
  readonly journal: Journal;
  readonly sources: readonly RelaySource[];
  readonly host: Host;
  /** Copies that the broker keeps of the context's stream; by default what it keeps now, one of a new stream. */
  readonly replicas?: number;
  /** How often overdue records of crashed or overloaded replicas are looked for. Default 2 s. */
  readonly sweepMs?: number;
  /** Told before each step of each round; a fault thrown here is that step's fault. */
  readonly before?: (step: RelayStep) => void | Promise<void>;
};

export type RelayStats = {
  /** Records waiting to be relayed by this replica. */
  readonly queued: number;
  /** Age of the oldest event in hand, or what it was at the end of the last round. */
  readonly lagMs: number;
  readonly rounds: number;
  /** Events journaled and published. */
  readonly relayed: number;
  /** Steps that failed and were repeated. */
  readonly faults: number;
  /** Wakes that found the queue full and were left to the sweep. */
  readonly overflowed: number;
  /** Records stopped because of a conflict: each one needs a person. */
  readonly stopped: number;
};

export type Relay = {
  /** Says that a record has new outbox entries; call it after each commit. Never waits; throws only for a collection it was not started with. */
  wake(collection: string, id: string): void;
  /** Resolves when no record of the service has anything left to relay, stopped ones excepted. */
  drained(): Promise<void>;
  /** Finishes the round in hand, or leaves it to the next sweep if its broker or database fails. */
  stop(): Promise<void>;
  stats(): RelayStats;
};

const queueCapacity = 20_000;

/**
 * While busy, rounds start this far apart, so that each takes a group: the more the last one had, the longer, since an
 * event in a group of a hundred costs a quarter of one in a group of ten. A round that follows rest starts at once.
 */
const paceMs = (records: number): number => Math.min(10 + 2 * records, 100);

const faultBackoff: Backoff = { firstMs: 100, maxMs: 5_000 };

/** Starts the relay of one replica. Several may run over the same collections: they repeat each other's work at worst. */
export const startRelay = async ({
  context,
  db,
  nats,
  journal,
  sources,
  host,
  replicas,
  sweepMs = 2_000,
  before = () => undefined,
}: RelayOptions): Promise<Relay> => {
  const boxes = new Map(sources.map((source) => [source.collection, outboxes(db, source)]));
  await Promise.all(boxes.values().map((box) => box.ensureIndex()));

  const steps = relaySteps({
    context,
    boxes,
    journal,
    publisher: openPublisher(nats, { context, replicas }, host),
    host,
  });
  const queue = wakeQueue(queueCapacity);
  const stopping = new AbortController();
  const counts = { rounds: 0, relayed: 0, faults: 0, overflowed: 0 };
  let oldestInHand: Date | undefined;
  let lastLagMs = 0;
  let busy = false;

  const step = async <Result>(name: RelayStep, attempt: () => Promise<Result>) =>
    await persist(
      async () => {
        await before(name);
        return await attempt();
      },
      {
        backoff: faultBackoff,
        signal: stopping.signal,
        failed: (error, attempts) => {
          counts.faults += 1;
          host.log.warn({ err: error, step: name, attempts, context }, "relay step failed and will be repeated");
        },
      },
    );

  /** Answers how many records it had in hand; it may have been given up because of `stop`. */
  const runRound = async (): Promise<number> => {
    const taken = await step("take", () => steps.take(queue));
    const round = taken?.value;
    if (!round || round.records.length === 0) return 0;
    oldestInHand = round.oldestAt;
    const journaled = await step("journal", () => steps.record(round));
    const sent = journaled && (await step("publish", () => steps.publish(journaled.value)));
    if (!sent || !(await step("clear", () => steps.clear(round, journaled.value, queue)))) return 0;
    counts.rounds += 1;
    counts.relayed += journaled.value.sent.size;
    lastLagMs = lagMs();
    oldestInHand = undefined;
    return round.records.length;
  };

  const lagMs = (): number => (oldestInHand ? host.now().getTime() - oldestInHand.getTime() : lastLagMs);

  const relaying = async (): Promise<void> => {
    for (;;) {
      await queue.filled(stopping.signal);
      if (stopping.signal.aborted) return;
      busy = true;
      const startedMs = performance.now();
      const records = await runRound();
      busy = false;
      if (queue.size < roundRecords) await pause(paceMs(records) - (performance.now() - startedMs), stopping.signal);
    }
  };

  const enqueue = (collection: string, id: string): void => {
    if (!queue.add(collection, id)) counts.overflowed += 1;
  };

  const sweepOnce = async (): Promise<void> => {
    for (const box of boxes.values())
      while (queue.size + roundRecords <= queueCapacity) {
        const ids = await box.claimOverdue(host.now(), roundRecords);
        for (const id of ids) enqueue(box.collection, id);
        if (ids.length < roundRecords) break;
      }
  };

  const sweeping = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sweepOnce().catch((error: unknown) => host.log.warn({ err: error, context }, "relay sweep failed"));
      // Replicas that started together drift apart.
      await pause(sweepMs * (0.75 + Math.random() / 2), stopping.signal);
    }
  };

  /** Takes over everything that is left, whoever's lease it is; answers how much that was. */
  const enqueueRest = async (): Promise<number> => {
    let left = 0;
    for (const box of boxes.values())
      for (const id of await box.pending(queueCapacity)) {
        if (steps.isStopped(box.collection, id)) continue;
        left += 1;
        enqueue(box.collection, id);
      }
    return left;
  };

  const running = Promise.all([relaying(), sweeping()]);

  return {
    wake: (collection, id) => {
      if (!boxes.has(collection)) throw new TypeError(`${collection} is not relayed by this service`);
      enqueue(collection, id);
    },
    drained: async () => {
      while (!stopping.signal.aborted) {
        if (!busy && queue.size === 0 && (await enqueueRest()) === 0) return;
        await pause(2, stopping.signal);
      }
      throw new Error("the relay is stopped");
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    stats: () => ({ ...counts, queued: queue.size, stopped: steps.stoppedCount(), lagMs: lagMs() }),
  };
};
