import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError } from "mongodb";
import { type FindById, gatheredFind } from "./gathered-find.ts";
import { grouped } from "./grouped.ts";

/** What every row of a projection carries besides its own fields. */
export type RowKeys = {
  _id: string;
  tenant: string;
  /** Version of the source record that the row was made from. */
  version: number;
  /** Set on a tombstone, which has no fields of its own: it keeps late events from bringing the row back. */
  deleted?: true;
};

/** A row as stored; a reader that does not want tombstones says `deleted: { $exists: false }`. */
export type Kept<Row extends object> = Row & RowKeys;

export type RowPlace = { readonly id: string; readonly tenant: string; readonly version: number };

/** A projection's table as its `apply` sees it. */
export type Table<Row extends object> = {
  /** The row as it stands, a tombstone too. */
  readonly find: FindById<Kept<Row>>;
  /** Stores the row unless one of the same or a higher version is there: safe under duplicates, races and any order. */
  keep(place: RowPlace, row: Row): Promise<void>;
  /** Puts a tombstone in the row's place, by the same rule. */
  bury(place: RowPlace): Promise<void>;
  /** For what is not a copy of one record: figures that are computed anew from rows kept here. */
  readonly rows: Collection<Kept<Row>>;
};

/** Rows per write: past a hundred the engine gains little. */
const groupRows = 128;

type Write = { readonly place: RowPlace; readonly fields: object };

/** Writes of one table go out in groups: on the engines we run, sixteen rows cost about as much as two sent alone. */
export const openTable = <Row extends object>(rows: Collection<Kept<Row>>): Table<Row> => {
  const target = rows as unknown as Collection<RowKeys>;

  const add = grouped<Write>(async (writes) => {
    // In order of id, so that no two groups wait for each other on an engine that locks what a group has changed.
    const inOrder = [...highestOf(writes).values()].toSorted((a, b) => (a.place.id < b.place.id ? -1 : 1));
    const [first, later] = [inOrder.filter(isFirst), inOrder.filter((each) => !isFirst(each))];
    const refused = [...(await insertAll(target, first)), ...(await replaceLower(target, later, true))];
    // There is a row already: of a higher version, or one that was being made at the same time.
    await replaceLower(target, refused, false);
  }, groupRows);

  return {
    find: gatheredFind(target) as FindById<Kept<Row>>,
    keep: (place, row) => add({ place, fields: row }),
    bury: (place) => add({ place, fields: { deleted: true } }),
    rows,
  };
};

const highestOf = (writes: readonly Write[]): ReadonlyMap<string, Write> => {
  const highest = new Map<string, Write>();
  for (const write of writes) {
    const other = highest.get(write.place.id);
    if (!other || other.place.version < write.place.version) highest.set(write.place.id, write);
  }
  return highest;
};

/** A record's first version has no row before it, unless it comes again: an insert costs half of what an upsert does. */
const isFirst = ({ place }: Write): boolean => place.version === 1;

const documentOf = ({ place: { tenant, version }, fields }: Write): Omit<RowKeys, "_id"> => ({
  ...fields,
  tenant,
  version,
});

/** Makes rows that are not there; answers the writes that met an existing row. */
const insertAll = async (rows: Collection<RowKeys>, writes: readonly Write[]): Promise<readonly Write[]> => {
  if (writes.length === 0) return [];
  const made = writes.map((write) => ({ _id: write.place.id, ...documentOf(write) }));
  return await meeting(writes, () => rows.insertMany(made, { ordered: false }));
};

/** Replaces rows of lower versions, one atomic test and change each; answers the writes whose insert met an existing row. */
const replaceLower = async (
  rows: Collection<RowKeys>,
  writes: readonly Write[],
  upsert: boolean,
): Promise<readonly Write[]> => {
  if (writes.length === 0) return [];
  const operations = writes.map(
    (write): AnyBulkWriteOperation<RowKeys> => ({
      replaceOne: {
        filter: { _id: write.place.id, tenant: write.place.tenant, version: { $lt: write.place.version } },
        replacement: documentOf(write),
        upsert,
      },
    }),
  );
  return await meeting(writes, () => rows.bulkWrite(operations, { ordered: false }));
};

const duplicateKey = 11000;

/** Those of the writes that met an existing row. */
const meeting = async (writes: readonly Write[], write: () => Promise<unknown>): Promise<readonly Write[]> => {
  try {
    await write();
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
    if (failures.length === 0 || failures.some((failure) => failure.code !== duplicateKey)) throw error;
    return failures.flatMap((failure) => writes[failure.index] ?? []);
  }
};
