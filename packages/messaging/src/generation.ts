import type { Collection, Db, IndexDescription } from "mongodb";
import { type Complete, completed } from "./completed.ts";
import { type Kept, openTable, type Table } from "./table.ts";

/** The row type of each table of a projection. */
export type RowTypes = Readonly<Record<string, object>>;

export type Tables<Rows extends RowTypes> = { readonly [Name in keyof Rows]: Table<Rows[Name]> };

export type TableCollections<Rows extends RowTypes> = { readonly [Name in keyof Rows]: Collection<Kept<Rows[Name]>> };

export type TableSpecs<Rows extends RowTypes> = {
  readonly [Name in keyof Rows]: {
    readonly indexes?: readonly IndexDescription[];
    /** For rows that are messages: gives one, where it lies, the fields that it was stored without. */
    readonly complete?: Complete<object>;
  };
};

const collectionName = (projection: string, table: string, generation: number): string =>
  `${projection}_${table}_g${generation}`;

/** The collections of one generation of a projection. */
export const generationTables = <Rows extends RowTypes>(
  db: Db,
  projection: string,
  specs: TableSpecs<Rows>,
  generation: number,
): {
  readonly collections: TableCollections<Rows>;
  readonly tables: Tables<Rows>;
  /** Makes collections and indexes; safe to repeat. */
  prepare(): Promise<void>;
  drop(): Promise<void>;
} => {
  const open = Object.entries(specs).map(([table, { indexes = [], complete }]) => {
    const stored = db.collection<Kept<object>>(collectionName(projection, table, generation));
    return { table, indexes, rows: complete === undefined ? stored : completed(stored, complete) };
  });
  return {
    collections: Object.fromEntries(open.map(({ table, rows }) => [table, rows])) as unknown as TableCollections<Rows>,
    tables: Object.fromEntries(open.map(({ table, rows }) => [table, openTable(rows)])) as unknown as Tables<Rows>,
    prepare: async () => {
      for (const { rows, indexes } of open) if (indexes.length > 0) await rows.createIndexes([...indexes]);
    },
    drop: async () => {
      for (const { rows } of open) await rows.drop();
    },
  };
};
