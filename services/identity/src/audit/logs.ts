import type { ReadAccessesRequest } from "@keynode/contracts/crm/chassis/v1/access_log_service";
import type { ReadJournalRequest } from "@keynode/contracts/crm/chassis/v1/journal_service";
import type { JournalPosition } from "@keynode/messaging/journal";
import type { Peers } from "@keynode/runtime/peers";
import type { Shape } from "./content-shape.ts";
import type { StoredEntry } from "./entry.ts";
import { entryOfAccess, entryOfEvent } from "./entry-of-row.ts";
import type { LogName } from "./sources.ts";

/** An entry as read, where it stood, and by which shape it was taken apart. */
export type Read = {
  readonly entry: StoredEntry;
  readonly place: JournalPosition;
  readonly shape?: { readonly name: string; readonly shape: Shape };
};

/** A row of which only its place is known. */
export type Key = { readonly id: string; readonly place: JournalPosition };

/** One log of one service, read as entries of the trail. */
export type AuditedLog = {
  readonly name: LogName;
  read(after: JournalPosition, signal: AbortSignal): AsyncIterable<Read>;
  /** What was recorded after a place and until an instant, by its keys. */
  keys(after: JournalPosition, until: Date, signal: AbortSignal): AsyncIterable<Key>;
  /** The rows of these keys. */
  find(keys: readonly Key[], signal: AbortSignal): AsyncIterable<Read>;
};

type RowPeers = Pick<Peers, "journal" | "accesses">;

const cursor = ({ recordedAt: recordTime, id: eventId }: JournalPosition) => ({ after: { recordTime, eventId } });

export const journalLog = (service: string, peers: RowPeers): AuditedLog => {
  async function* rows(request: Partial<ReadJournalRequest>, signal: AbortSignal): AsyncGenerator<Read> {
    for await (const row of peers.journal(service, request, signal)) {
      const { entry, shape } = entryOfEvent(row);
      const place = { recordedAt: entry.recordedAt, id: entry._id };
      yield { entry, place, ...(entry.row && { shape: { name: entry.row.shape, shape } }) };
    }
  }
  return {
    name: "journal",
    read: (after, signal) => rows(cursor(after), signal),
    keys: async function* (after, untilTime, signal) {
      for await (const { eventId: id, recordTime } of peers.journal(
        service,
        { ...cursor(after), untilTime, keysOnly: true },
        signal,
      ))
        yield { id, place: { recordedAt: recordTime ?? new Date(0), id } };
    },
    find: (keys, signal) => rows({ eventIds: keys.map(({ id }) => id) }, signal),
  };
};

/** Accesses are few and small: they are looked for again by reading them. */
export const accessLog = (service: string, peers: RowPeers): AuditedLog => {
  async function* rows(request: Partial<ReadAccessesRequest>, signal: AbortSignal): AsyncGenerator<Read> {
    for await (const row of peers.accesses(service, request, signal)) {
      const entry = entryOfAccess(service, row);
      yield { entry, place: { recordedAt: entry.recordedAt, id: entry._id } };
    }
  }
  return {
    name: "accesses",
    read: (after, signal) => rows(cursor(after), signal),
    keys: async function* (after, untilTime, signal) {
      for await (const { entry, place } of rows({ ...cursor(after), untilTime }, signal))
        yield { id: entry._id, place };
    },
    find: async function* (keys, signal) {
      const [first] = keys;
      const last = keys.at(-1);
      if (first === undefined || last === undefined) return;
      const wanted = new Set(keys.map(({ id }) => id));
      const from = { recordedAt: first.place.recordedAt, id: "" };
      for await (const read of rows({ ...cursor(from), untilTime: last.place.recordedAt }, signal))
        if (wanted.has(read.entry._id)) yield read;
    },
  };
};
