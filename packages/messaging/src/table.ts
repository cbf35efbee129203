import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError } from "mongodb";
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
    const highest = [...highestOf(writes).values()];
    const refused = await replaceLower(target, highest, true);
    // There is a row already: of a higher version, or one that was being made at the same time.
    if (refused.length > 0) await replaceLower(target, refused, false);
  }, groupRows);

  return {
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

const duplicateKey = 11000;

/** Replaces rows of lower versions, one atomic test and change each; answers the writes whose insert met an existing row. */
const replaceLower = async (
  rows: Collection<RowKeys>,
  writes: readonly Write[],
  upsert: boolean,
): Promise<readonly Write[]> => {
  const operations = writes.map(
    ({ place: { id, tenant, version }, fields }): AnyBulkWriteOperation<RowKeys> => ({
      replaceOne: {
        filter: { _id: id, tenant, version: { $lt: version } },
        replacement: { ...fields, tenant, version },
        upsert,
      },
    }),
  );
  try {
    await rows.bulkWrite(operations, { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
    if (failures.length === 0 || failures.some((failure) => failure.code !== duplicateKey)) throw error;
    return failures.flatMap((failure) => writes[failure.index] ?? []);
  }
};
