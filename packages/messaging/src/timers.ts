import type { Collection } from "mongodb";
import { pause } from "./backoff.ts";
import type { Host } from "./host.ts";
import { lanes } from "./lanes.ts";
import { tally } from "./tally.ts";

/** What a timer needs of a document: aggregates have it, and other work that a service comes back to. */
export type Timed = { _id: string; tenant: string; wakeAt?: Date | undefined };

/** A document whose timer is due; `wakeAt` is when it was. */
export type Due<Document extends Timed> = Document & { readonly wakeAt: Date };

export type TimerOptions<Document extends Timed> = {
  readonly collection: Collection<Document>;
  /**
   * Runs the command that the timer stands for, which sets the next `wakeAt` or none. It may come twice: after a crash, or
   * if it takes longer than the lease; so it is idempotent by state. If it throws, it comes again when the lease ends.
   */
  readonly fire: (record: Due<Document>) => Promise<void>;
  readonly host: Host;
  /** How long other workers leave a claimed timer alone. Default 60 s. */
  readonly leaseMs?: number;
  /** How late a timer may be found at rest. Default 1 s. */
  readonly pollMs?: number;
  /** Timers fired at once by this replica. Default 16. */
  readonly concurrency?: number;
};

export type TimerStats = {
  readonly fired: number;
  readonly faults: number;
  /** How late the last timer was claimed. */
  readonly lateMs: number;
};

export type Timers = {
  /** Resolves when nothing is due. */
  idle(): Promise<void>;
  /** Claims no more; lets those in hand finish. */
  stop(): Promise<void>;
  stats(): TimerStats;
};

/** Due records looked at in one page. */
const pageRecords = 200;

/** Fires the timers of one collection, shared with all replicas; after downtime all overdue ones, oldest first. */
export const startTimers = async <Document extends Timed>({
  collection,
  fire,
  host,
  leaseMs = 60_000,
  pollMs = 1_000,
  concurrency = 16,
}: TimerOptions<Document>): Promise<Timers> => {
  // Of a document this asks for no more than a timer needs.
  const records = collection as unknown as Collection<Timed>;
  await records.createIndex({ wakeAt: 1 }, { name: "wakeAt", partialFilterExpression: { wakeAt: { $exists: true } } });
  const stopping = new AbortController();
  const inLane = lanes(concurrency);
  const inHand = tally();
  const counts = { fired: 0, faults: 0, lateMs: 0 };

  const due = async (): Promise<Timed[]> =>
    // The query has to say `$exists: true` too, or the engine does not use a partial index.
    await records
      .find({ wakeAt: { $exists: true, $lte: host.now() } })
      .sort({ wakeAt: 1 })
      .limit(pageRecords)
      .toArray();

  /** Compare-and-set: of all workers that saw the timer due, one gets it. */
  const claim = async ({ _id, tenant }: Timed, wakeAt: Date): Promise<Date | undefined> => {
    const leasedUntil = new Date(host.now().getTime() + leaseMs);
    const { matchedCount } = await records.updateOne({ _id, tenant, wakeAt }, { $set: { wakeAt: leasedUntil } });
    return matchedCount === 1 ? leasedUntil : undefined;
  };

  const run = async (record: Timed): Promise<void> => {
    const { _id, tenant, wakeAt } = record;
    if (!wakeAt || stopping.signal.aborted) return;
    try {
      const leasedUntil = await claim(record, wakeAt);
      if (!leasedUntil) return;
      counts.lateMs = host.now().getTime() - wakeAt.getTime();
      await fire({ ...record, wakeAt } as Due<Document>);
      // Nothing was committed, so nothing was left to do: else the lease would fire it again.
      await records.updateOne({ _id, tenant, wakeAt: leasedUntil }, { $unset: { wakeAt: "" } });
      counts.fired += 1;
    } catch (error) {
      counts.faults += 1;
      host.log.warn(
        { collection: collection.collectionName, record: _id, err: error },
        "timer failed and will fire again",
      );
    }
  };

  /** Answers how many were due. */
  const sweep = async (): Promise<number> => {
    const page = await due();
    // Workers that look at the same page start at different ends of it.
    const start = Math.floor(Math.random() * page.length);
    for (const record of [...page.slice(start), ...page.slice(0, start)])
      inHand.add(inLane(record._id, () => run(record)));
    await inHand.below(1);
    return page.length;
  };

  const sweeping = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const found = await sweep().catch((error: unknown) => {
        host.log.warn({ collection: collection.collectionName, err: error }, "timer sweep failed");
        return 0;
      });
      if (found === 0) await pause(pollMs * (0.75 + Math.random() / 2), stopping.signal);
    }
  };

  const running = sweeping();

  return {
    idle: async () => {
      while (!stopping.signal.aborted) {
        await inHand.below(1);
        if ((await due()).length === 0) return;
        await pause(10, stopping.signal);
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    stats: () => ({ ...counts }),
  };
};
