import type { TableCollections } from "@keynode/messaging/generation";
import { revisionReader } from "../projections/revision.ts";
import type { SalesRows } from "../projections/rows.ts";
import type { SalesCopy } from "../projections/sales.ts";

/** What a report is read from, and how fresh that is. */
export type Reading = {
  readonly tables: TableCollections<SalesRows>;
  readonly generation: number;
  /** The tenant's newest revision; those who ask at the same time share a query. */
  readonly revisionOf: (tenant: string) => Promise<number>;
  /** Everything recorded before then is in the tables; undefined as long as that is unknown. */
  readonly asOf: Date | undefined;
  /** False while the tables are being rebuilt, or lag behind by more than a minute. */
  readonly complete: boolean;
};

/** An earlier `asOf` stays true, so that it need not be asked for each time. */
const asOfKeptMs = 1_000;

const lagLimitMs = 60_000;

/** Reads `asOf` before anything else: what the tables hold afterwards is at least that. */
export const openReadings = (copy: SalesCopy, now: () => Date): (() => Promise<Reading>) => {
  let known:
    | { readonly generation: number; readonly askedAt: number; readonly asOf: Promise<Date | undefined> }
    | undefined;

  let revisions: { readonly generation: number; readonly read: Reading["revisionOf"] } | undefined;

  const asOfGeneration = (generation: number): Promise<Date | undefined> => {
    const at = now().getTime();
    if (known?.generation !== generation || at - known.askedAt >= asOfKeptMs) {
      const asked = { generation, askedAt: at, asOf: copy.asOf() };
      known = asked;
      asked.asOf.catch(() => {
        if (known === asked) known = undefined;
      });
    }
    return known.asOf;
  };

  return async () => {
    for (;;) {
      const { generation } = copy.status();
      const asOf = await asOfGeneration(generation);
      const { generation: read, building, sources } = copy.status();
      if (read !== generation) continue;
      const complete =
        building === undefined &&
        asOf !== undefined &&
        now().getTime() - asOf.getTime() <= lagLimitMs &&
        !Object.values(sources).includes("backfilling");
      if (revisions?.generation !== generation)
        revisions = { generation, read: revisionReader(copy.tables().revisions) };
      return { tables: copy.tables(), generation, revisionOf: revisions.read, asOf, complete };
    }
  };
};
