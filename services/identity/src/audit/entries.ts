import { type AnyBulkWriteOperation, type Collection, type Db, MongoBulkWriteError } from "mongodb";
import { listIndexes } from "@keynode/query/listing";
import { auditEntryListing } from "./api/audit-entry-list.ts";
import { chainId, type ChainDocument, genesis } from "./chain.ts";
import type { Shape } from "./content-shape.ts";
import type { StoredEntry } from "./entry.ts";

type ShapeDocument = { _id: string; shape: string };

/** The audit trail as stored: entries are added and sealed, never changed. */
export type Entries = {
  readonly collection: Collection<StoredEntry>;
  readonly chains: Collection<ChainDocument>;
  prepare(): Promise<void>;
  /** Adds entries, those that are there already excepted, and has their chains sealed by and by. */
  add(entries: readonly StoredEntry[]): Promise<void>;
  /** Which of these ids have no entry. */
  missing(ids: readonly string[]): Promise<readonly string[]>;
  /** Keeps a shape under its name, for those who check entries made by it. */
  keepShape(name: string, shape: Shape): Promise<void>;
  /** The shape of that name, undefined when there is none or it was altered. */
  shape(name: string): Promise<Shape | undefined>;
};

const duplicateKey = 11000;

export const openEntries = (
  db: Db,
  { now, sealAfterMs }: { readonly now: () => Date; readonly sealAfterMs: number },
): Entries => {
  const collection = db.collection<StoredEntry>("auditEntries");
  const chains = db.collection<ChainDocument>("auditChains");
  const shapes = db.collection<ShapeDocument>("auditShapes");
  const kept = new Set<string>();

  /** A chain that is due already stays so. */
  const wake = async (entries: readonly StoredEntry[]): Promise<void> => {
    const wakeAt = new Date(now().getTime() + sealAfterMs);
    const arrived = Map.groupBy(entries, ({ tenant, service }) => chainId(tenant, service));
    await chains.bulkWrite(
      [...arrived].flatMap(([_id, [first]]): AnyBulkWriteOperation<ChainDocument>[] => {
        if (first === undefined) return [];
        const { tenant, service } = first;
        const fresh = { service, version: 0, sequence: 0, root: genesis(tenant, service) };
        const update = { $inc: { arrivals: 1 }, $min: { wakeAt }, $setOnInsert: fresh };
        return [{ updateOne: { filter: { _id, tenant }, update, upsert: true } }];
      }),
      { ordered: false },
    );
  };

  return {
    collection,
    chains,
    prepare: async () => {
      await collection.createIndexes([
        ...listIndexes(auditEntryListing),
        {
          name: "open",
          key: { tenant: 1, service: 1, recordedAt: 1, _id: 1 },
          partialFilterExpression: { open: { $exists: true } },
        },
        {
          name: "sequence",
          key: { tenant: 1, service: 1, sequence: 1 },
          unique: true,
          partialFilterExpression: { sequence: { $exists: true } },
        },
      ]);
    },
    add: async (entries) => {
      if (entries.length === 0) return;
      try {
        await collection.insertMany([...entries], { ordered: false });
      } catch (error) {
        if (!isDuplicatesOnly(error)) throw error;
      }
      await wake(entries);
    },
    missing: async (ids) => {
      const found = collection.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } });
      const there = new Set((await found.toArray()).map(({ _id }) => _id));
      return ids.filter((id) => !there.has(id));
    },
    keepShape: async (name, shape) => {
      if (kept.has(name)) return;
      const text = JSON.stringify(shape);
      await shapes.updateOne({ _id: name }, { $setOnInsert: { shape: text } }, { upsert: true });
      kept.add(name);
    },
    shape: async (name) => {
      const found = await shapes.findOne({ _id: name });
      return found === null ? undefined : readShape(found.shape);
    },
  };
};

const readShape = (text: string): Shape | undefined => {
  try {
    return JSON.parse(text) as Shape;
  } catch {
    return undefined;
  }
};

const isDuplicatesOnly = (error: unknown): boolean => {
  if (!(error instanceof MongoBulkWriteError)) return false;
  const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return failures.length > 0 && failures.every(({ code }) => code === duplicateKey);
};
