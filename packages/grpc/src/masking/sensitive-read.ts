import type { Call } from "../call.ts";

/** The sensitive values of one collection that an answer shows in the clear. */
export type SensitiveRead = {
  readonly collection: string;
  /** Of the first records, in the answer's order; `count` says how many there are. */
  readonly recordIds: readonly string[];
  /** Names as JSON has them, `contact.phone` below the record's top, sorted. */
  readonly fields: readonly string[];
  /** Records of which anything was shown. */
  readonly count: number;
};

/**
 * Told of every answer to a person, an API key or a public link that shows sensitive values, before its first byte
 * leaves; of a stream, of each message. The caller gets the answer only when the promise is kept: where it breaks, the
 * call fails. The answers of Create and BatchCreate show what their callers wrote, and a user's own record is that
 * user's: neither is told of.
 */
export type OnSensitiveRead = (call: Call, reads: readonly SensitiveRead[]) => Promise<void>;

/** A page has a thousand records at most, and so has a batch. */
const MAX_IDS = 1_000;

/** Gathers what one answer shows to the actor. */
export type Reads = {
  add(collection: string, recordId: string, field: string): void;
  summary(): readonly SensitiveRead[];
};

export const sensitiveReads = (actor: string): Reads => {
  const byCollection = new Map<string, { ids: Set<string>; fields: Set<string> }>();
  return {
    add: (collection, recordId, field) => {
      if (recordId === actor) return;
      const found = byCollection.get(collection) ?? { ids: new Set<string>(), fields: new Set<string>() };
      byCollection.set(collection, found);
      found.ids.add(recordId);
      found.fields.add(field);
    },
    summary: () =>
      [...byCollection].map(([collection, { ids, fields }]) => ({
        collection,
        recordIds: [...ids].slice(0, MAX_IDS),
        fields: [...fields].toSorted(),
        count: ids.size,
      })),
  };
};
