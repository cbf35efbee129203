import type { Collection, Db, FindCursor } from "mongodb";
import type { AggregateDocument, OutboxEntry } from "./entry.ts";

/** How long a fresh commit is left to the relay of the replica that made it; after that any replica's sweep takes it. */
export const relayLeaseMs = 5_000;

/** The `relayAt` that a commit sets together with its outbox entries. */
export const relayDueAt = (now: Date): Date => new Date(now.getTime() + relayLeaseMs);

/** A record in hand: the head of its outbox, oldest first. */
export type TakenRecord = {
  readonly id: string;
  readonly tenant: string;
  readonly entries: readonly OutboxEntry[];
  /** Entries are left behind these. */
  readonly more: boolean;
};

/** What a round has taken so far, and may take at most; one entry always fits. */
export type Room = { entries: number; bytes: number; readonly maxEntries: number; readonly maxBytes: number };

/** The outboxes of one aggregate collection. Every write is one atomic test and change of one document, so no version is needed. */
export type Outboxes = {
  readonly collection: string;
  readonly kind: string;
  ensureIndex(): Promise<void>;
  /** Reads the heads of these records' outboxes while there is room; answers also which records it did not come to. */
  take(ids: readonly string[], room: Room): Promise<{ taken: readonly TakenRecord[]; untouched: readonly string[] }>;
  /**
   * Removes entries by id, and `relayAt` wherever nothing is left: in one update where a record holds no other entries,
   * which costs a third, else in two.
   */
  clear(records: readonly TakenRecord[]): Promise<void>;
  /** Claims records whose lease ran out, for one more lease. */
  claimOverdue(now: Date, limit: number): Promise<readonly string[]>;
  /** Postpones records that cannot be relayed. */
  postpone(ids: readonly string[], until: Date): Promise<void>;
  /** Records that still have something to relay, whoever holds them. */
  pending(limit: number): Promise<readonly string[]>;
};

/** The part of an aggregate that the relay knows; a record that never had an event has no outbox. */
type OutboxDocument = Pick<AggregateDocument<unknown>, "_id" | "tenant" | "relayAt"> & { outbox?: OutboxEntry[] };

/** What the headers of one message may add to its data. */
const headerBytes = 1024;

export const entryBytes = (entry: OutboxEntry): number => entry.data.length() + headerBytes;

export const outboxes = (db: Db, { collection, kind }: { collection: string; kind: string }): Outboxes => {
  const records: Collection<OutboxDocument> = db.collection(collection);
  const idsOf = async (found: FindCursor<{ _id: string }>): Promise<string[]> =>
    (await found.toArray()).map((record) => record._id);

  return {
    collection,
    kind,
    ensureIndex: async () => {
      // The query has to say `$exists: true` too, or the engine does not use a partial index.
      await records.createIndex(
        { relayAt: 1 },
        { name: "relayAt", partialFilterExpression: { relayAt: { $exists: true } } },
      );
    },
    take: async (ids, room) => {
      const taken: TakenRecord[] = [];
      const untouched = new Set(ids);
      const found = records.find({ _id: { $in: [...ids] } }, { projection: { tenant: 1, outbox: 1 } });
      for await (const { _id: id, tenant, outbox = [] } of found) {
        const entries = head(outbox, room);
        if (entries.length === 0 && outbox.length > 0) return { taken, untouched: [...untouched] };
        untouched.delete(id);
        taken.push({ id, tenant, entries, more: entries.length < outbox.length });
      }
      return { taken, untouched: [] };
    },
    clear: async (done) => {
      // In order of id, as commits go too: an engine that locks what one update has changed makes no two wait for each other.
      const ids = done.map((record) => record.id).toSorted();
      const events = done.flatMap((record) => record.entries.map((entry) => entry.id));
      const emptied = await records.updateMany(
        { _id: { $in: ids }, outbox: { $not: { $elemMatch: { id: { $nin: events } } } } },
        { $set: { outbox: [] }, $unset: { relayAt: "" } },
      );
      if (emptied.matchedCount === ids.length) return;
      await records.updateMany({ _id: { $in: ids } }, { $pull: { outbox: { id: { $in: events } } } });
      await records.updateMany({ _id: { $in: ids }, "outbox.0": { $exists: false } }, { $unset: { relayAt: "" } });
    },
    claimOverdue: async (now, limit) => {
      const overdue = { relayAt: { $exists: true, $lte: now } };
      const ids = await idsOf(
        records
          .find(overdue, { projection: { _id: 1 } })
          .sort({ relayAt: 1 })
          .limit(limit),
      );
      if (ids.length > 0)
        await records.updateMany({ _id: { $in: ids }, ...overdue }, { $set: { relayAt: relayDueAt(now) } });
      return ids;
    },
    postpone: async (ids, until) => {
      await records.updateMany({ _id: { $in: [...ids] }, relayAt: { $exists: true } }, { $set: { relayAt: until } });
    },
    pending: (limit) => idsOf(records.find({ relayAt: { $exists: true } }, { projection: { _id: 1 } }).limit(limit)),
  };
};

/** As many entries from the head as there is room for. */
const head = (outbox: readonly OutboxEntry[], room: Room): OutboxEntry[] => {
  const fits: OutboxEntry[] = [];
  for (const entry of outbox) {
    const bytes = entryBytes(entry);
    if (room.entries > 0 && (room.entries === room.maxEntries || room.bytes + bytes > room.maxBytes)) break;
    room.entries += 1;
    room.bytes += bytes;
    fits.push(entry);
  }
  return fits;
};
