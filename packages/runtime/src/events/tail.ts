import { setTimeout as delay } from "node:timers/promises";
import type { JournalRow } from "@keynode/messaging/entry";
import type { Journal, JournalPosition } from "@keynode/messaging/journal";
import type { Place } from "./cursor.ts";

/** A row, and the place to go on from once it was told. */
export type Told = { readonly row: JournalRow; readonly place: Place };

/** What a tail has found: rows to tell, none when it only says how far it has come. */
export type Found = { readonly told: readonly Told[]; readonly place: Place };

export type TailOptions = {
  readonly tenant: string;
  /** A place that was told before, or a time to begin at. */
  readonly from: Place | Date;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly pace?: Pace;
};

/** Intervals of a tail, all in milliseconds. */
export type Pace = {
  /** How often it looks for new rows. */
  readonly pollMs: number;
  /**
   * Rows are told this long after they were recorded: until then, one of another replica may come to stand before them. What
   * is later still is found by looking back.
   */
  readonly settleMs: number;
  /** How often it looks back. */
  readonly lookBackMs: number;
  /** A reader is told at least this often how far the stream has come, so that coming back costs little. */
  readonly checkpointMs: number;
};

const usualPace: Pace = { pollMs: 500, settleMs: 1_000, lookBackMs: 10_000, checkpointMs: 15_000 };
/** Rows become visible out of order within this span (law 2). */
const overlapMs = 60_000;
const batchRows = 200;

/**
 * Follows a tenant's rows until the signal ends it: each once while it lasts, in the order of recording, those of one
 * record in the order of their versions.
 */
export async function* tailJournal(journal: Journal, options: TailOptions): AsyncGenerator<Found> {
  const { tenant, from, now, signal } = options;
  const { pollMs, settleMs, lookBackMs, checkpointMs } = options.pace ?? usualPace;
  let position: JournalPosition = from instanceof Date ? { recordedAt: from, id: "" } : from;
  const seen = await rowsBefore(journal, tenant, position);
  const placeNow = (): Place => ({ ...position, known: seen.size });
  let toldMs = performance.now();
  let lookedBackMs = toldMs;

  const advance = ({ recordedAt, _id: id }: JournalRow): void => {
    position = { recordedAt, id };
    seen.set(id, recordedAt);
    const oldest = recordedAt.getTime() - overlapMs;
    for (const [known, at] of seen) {
      if (at.getTime() > oldest) break;
      seen.delete(known);
    }
  };

  /** The rows that this span holds by now and that nobody was told of. */
  const overlooked = async (told: ReadonlyMap<string, Date>): Promise<Found> => {
    const ids: string[] = [];
    for (const [id, at] of await rowsBefore(journal, tenant, position)) {
      if (told.has(id)) continue;
      ids.push(id);
      seen.set(id, at);
    }
    const rows = ids.length === 0 ? [] : await journal.find(ids, tenant);
    const place = placeNow();
    return { told: inRecordOrder(rows.toSorted(byPlace)).map((row) => ({ row, place })), place };
  };

  // Something came to stand behind the reader's place while it was away: nobody knows what, so it is told all of it.
  if ("known" in from && from.known !== seen.size) yield await overlooked(new Map());
  else yield { told: [], place: placeNow() };

  while (!signal.aborted) {
    const until = new Date(now().getTime() - settleMs);
    for await (const rows of batches(journal.scan({ tenant, after: position, until }))) {
      if (signal.aborted) return;
      const fresh = new Set(rows.filter(({ _id: id }) => !seen.has(id)));
      const ordered = inRecordOrder(rows);
      const said = new Set<JournalRow>();
      const told: Told[] = [];
      let reached = 0;
      for (const row of ordered) {
        said.add(row);
        // The place to go on from lies before the first row that is still to be told.
        for (let next = rows[reached]; next !== undefined && said.has(next); next = rows[reached]) {
          advance(next);
          reached += 1;
        }
        if (fresh.has(row)) told.push({ row, place: placeNow() });
      }
      toldMs = performance.now();
      yield { told, place: placeNow() };
    }
    if (performance.now() - lookedBackMs > lookBackMs) {
      lookedBackMs = performance.now();
      const late = await overlooked(seen);
      if (late.told.length > 0) yield late;
    }
    if (performance.now() - toldMs > checkpointMs) {
      toldMs = performance.now();
      yield { told: [], place: placeNow() };
    }
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Ids of the rows in the overlap up to a place, with their times, in order. */
const rowsBefore = async (journal: Journal, tenant: string, at: JournalPosition): Promise<Map<string, Date>> => {
  const after = { recordedAt: new Date(at.recordedAt.getTime() - overlapMs), id: "" };
  const found = new Map<string, Date>();
  for await (const { _id: id, recordedAt } of journal.keys({ tenant, after, until: at.recordedAt })) {
    if (recordedAt < at.recordedAt || id <= at.id) found.set(id, recordedAt);
  }
  return found;
};

async function* batches(rows: AsyncIterable<JournalRow>): AsyncGenerator<JournalRow[]> {
  let batch: JournalRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const byPlace = (a: JournalRow, b: JournalRow): number =>
  a.recordedAt.getTime() - b.recordedAt.getTime() || (a._id < b._id ? -1 : 1);

/** The rows of each record in the order of its history, at the places that they have between those of other records. */
const inRecordOrder = (rows: readonly JournalRow[]): readonly JournalRow[] => {
  const histories = new Map<string, JournalRow[]>();
  for (const row of rows) {
    const history = histories.get(row.aggregate);
    if (history) history.push(row);
    else histories.set(row.aggregate, [row]);
  }
  if (histories.size === rows.length) return rows;
  for (const history of histories.values()) history.sort((a, b) => b.version - a.version || b.index - a.index);
  return rows.map((row) => histories.get(row.aggregate)?.pop() ?? row);
};
