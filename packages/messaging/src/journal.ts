import { type Collection, type Db, type Filter, type FindCursor, MongoBulkWriteError, type WithId } from "mongodb";
import type { JournalRow } from "./entry.ts";
import type { Host } from "./host.ts";
import type { Recorded } from "./recorded.ts";

/** A place in the order of a journal; it sorts by time, then id. `id: ""` is before all rows of that instant. */
export type JournalPosition = { readonly recordedAt: Date; readonly id: string };

export type JournalScan = {
  readonly tenant?: string;
  readonly types?: readonly string[];
  /** Rows after this place only. */
  readonly after?: JournalPosition;
  /** Rows recorded at this instant or before it only. */
  readonly until?: Date;
};

/** The log of a service: every event it ever recorded, kept apart from the aggregates and from the bus. */
export type Journal = {
  /**
   * Records events; a repeat of the same event is accepted. Answers the ids of those refused: another event already
   * stands at their place in the record, or under their command key. Each row's `recordedAt` is at most
   * `heldRowMs` older than this call, also for rows that an earlier call wrote.
   */
  append(rows: readonly Omit<JournalRow, "recordedAt">[]): Promise<ReadonlySet<string>>;
  /** Marks rows as recorded now, because their publishing was held up. */
  restamp(ids: readonly string[]): Promise<void>;
  /** The last event of the commit that carried this command key. */
  findByCommandKey(tenant: string, commandKey: string): Promise<JournalRow | undefined>;
  /** Which of these events stand in it. */
  holds(tenants: readonly string[], eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The events of one commit, in order. */
  commit(tenant: string, recordId: string, version: number): Promise<readonly JournalRow[]>;
  /** The last event of a record's newest recorded commit: its message carries the snapshot. */
  latest(tenant: string, recordId: string): Promise<JournalRow | undefined>;
  /** A record's events in order, from one version on. */
  history(tenant: string, recordId: string, fromVersion?: number): AsyncIterable<JournalRow>;
  /** Rows in order, read in bounded pages, so that it may take hours; rows that are written meanwhile come too. */
  scan(scan?: JournalScan): AsyncIterable<JournalRow>;
  /** As `scan`, without what the rows say: an audit compares by it what it holds with what there is. */
  keys(scan?: JournalScan): AsyncIterable<JournalKey>;
  /** The rows of these ids that there are, in no order. */
  find(ids: readonly string[], tenant?: string): Promise<readonly JournalRow[]>;
};

/** Which row, and of what. */
export type JournalKey = Pick<JournalRow, "_id" | "tenant" | "aggregate" | "version" | "index" | "recordedAt">;

/** A row is stamped again if it was recorded this long before it could be published: readers that follow by time rely on it. */
export const heldRowMs = 30_000;

const pageRows = 500;

const tenantOrderIndex = "tenant_order";
const orderIndex = "order";

/** Opens a service's journal and makes its indexes; safe to repeat and from several replicas at once. */
export const openJournal = async (db: Db, { now }: Pick<Host, "now">): Promise<Journal> => {
  const rows = db.collection<JournalRow>("journal");
  await rows.createIndexes([
    { key: { tenant: 1, aggregate: 1, version: 1, index: 1 }, name: "place", unique: true },
    { key: { tenant: 1, recordedAt: 1, _id: 1 }, name: tenantOrderIndex },
    {
      key: { tenant: 1, commandKey: 1 },
      name: "command_key",
      unique: true,
      partialFilterExpression: { commandKey: { $exists: true } },
    },
    // For rebuilds, which read every tenant at once.
    { key: { recordedAt: 1, _id: 1 }, name: orderIndex },
  ]);

  const restamp = async (filter: Filter<JournalRow>): Promise<void> => {
    await rows.updateMany(filter, { $set: { recordedAt: now() } });
  };

  /** Rows that a unique index refused: the same event again is accepted, another one is a conflict. */
  const judge = async (refused: readonly Omit<JournalRow, "recordedAt">[]): Promise<ReadonlySet<string>> => {
    const ids = refused.map((row) => row._id);
    const stored = new Map<string, JournalRow>();
    for await (const row of rows.find({ _id: { $in: ids } })) stored.set(row._id, row);
    const accepted = refused.filter((row) => isSamePlace(stored.get(row._id), row)).map((row) => row._id);
    if (accepted.length > 0)
      await restamp({ _id: { $in: accepted }, recordedAt: { $lt: new Date(now().getTime() - heldRowMs) } });
    return new Set(ids).difference(new Set(accepted));
  };

  return {
    append: async (added) => {
      if (added.length === 0) return new Set();
      const recordedAt = now();
      try {
        await rows.insertMany(
          added.map((row) => ({ ...row, recordedAt })),
          { ordered: false },
        );
        return new Set();
      } catch (error) {
        return await judge(refusedRows(error, added));
      }
    },
    restamp: (ids) => restamp({ _id: { $in: [...ids] } }),
    findByCommandKey: async (tenant, commandKey) => (await rows.findOne({ tenant, commandKey })) ?? undefined,
    holds: async (tenants, eventIds) => {
      const filter = { _id: { $in: [...eventIds] }, tenant: { $in: [...tenants] } };
      const held = await rows.find(filter, { projection: { _id: 1 } }).toArray();
      return new Set(held.map(({ _id }) => _id));
    },
    commit: (tenant, aggregate, version) => rows.find({ tenant, aggregate, version }).sort({ index: 1 }).toArray(),
    latest: async (tenant, aggregate) =>
      (await rows.find({ tenant, aggregate }).sort({ version: -1, index: -1 }).limit(1).next()) ?? undefined,
    history: (tenant, aggregate, fromVersion = 0) =>
      rows.find({ tenant, aggregate, version: { $gte: fromVersion } }).sort({ version: 1, index: 1 }),
    scan: (options = {}) => pagewise((after) => scanPage(rows, { ...options, ...after }).toArray(), options.after),
    keys: (options = {}) =>
      pagewise(
        (after) =>
          scanPage(rows, { ...options, ...after })
            .project<JournalKey>(keyProjection)
            .toArray(),
        options.after,
      ),
    find: (ids, tenant) => rows.find({ _id: { $in: [...ids] }, ...(tenant !== undefined && { tenant }) }).toArray(),
  };
};

/** A journal row as consumers see it. */
export const recordedRow = (context: string, row: JournalRow): Recorded => ({
  id: row._id,
  type: row.type,
  context,
  tenant: row.tenant,
  kind: row.kind,
  recordId: row.aggregate,
  version: row.version,
  index: row.index,
  count: row.count,
  at: row.at,
  actor: row.actor,
  ...(row.causedBy !== undefined && { causedBy: row.causedBy }),
  ...(row.traceparent !== undefined && { traceparent: row.traceparent }),
  data: row.data.value(),
});

const duplicateKey = 11000;

const refusedRows = <Row>(error: unknown, added: readonly Row[]): Row[] => {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  if (failures.length === 0 || failures.some((failure) => failure.code !== duplicateKey)) throw error;
  return failures.flatMap((failure) => added[failure.index] ?? []);
};

const isSamePlace = (stored: JournalRow | undefined, row: Omit<JournalRow, "recordedAt">): boolean =>
  stored !== undefined &&
  stored.tenant === row.tenant &&
  stored.aggregate === row.aggregate &&
  stored.version === row.version &&
  stored.index === row.index;

const keyProjection = { tenant: 1, aggregate: 1, version: 1, index: 1, recordedAt: 1 } as const;

async function* pagewise<Row extends Pick<JournalRow, "_id" | "recordedAt">>(
  read: (after: Pick<JournalScan, "after">) => Promise<readonly Row[]>,
  first: JournalPosition | undefined,
): AsyncGenerator<Row> {
  for (let after = first; ; ) {
    const page = await read(after ? { after } : {});
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < pageRows) return;
    after = { recordedAt: last.recordedAt, id: last._id };
  }
}

/** One page of a scan; it names its index, since an engine without statistics would rather sort everything. */
export const scanPage = (
  rows: Collection<JournalRow>,
  { tenant, types, after, until }: JournalScan,
): FindCursor<WithId<JournalRow>> =>
  rows
    .find({
      ...(tenant !== undefined && { tenant }),
      ...(types && { type: { $in: [...types] } }),
      ...range(after, until),
    })
    .hint(tenant === undefined ? orderIndex : tenantOrderIndex)
    .sort({ recordedAt: 1, _id: 1 })
    .limit(pageRows);

/**
 * The range reads the index in order; which rows of its first instant were seen is said so that no engine takes it for
 * a second range: an `$or` would be answered by two index scans and a sort.
 */
const range = (place: JournalPosition | undefined, until: Date | undefined): Filter<JournalRow> => ({
  ...((place || until) && {
    recordedAt: { ...(place && { $gte: place.recordedAt }), ...(until && { $lte: until }) },
  }),
  ...(place && { $nor: [{ recordedAt: place.recordedAt, _id: { $lte: place.id } }] }),
});
