import { typeOfId } from "@keynode/contracts/record-types";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection, Filter } from "mongodb";
import { setTimeout as delay } from "node:timers/promises";
import type { Change } from "./token.ts";

/** Aggregates of a service by their name, which their ids begin with. */
export type Collections = ReadonlyMap<string, Collection<AggregateDocument<unknown>>>;

const firstPauseMs = 5;
const maxPauseMs = 50;

/**
 * Waits until the bus holds every event of these changes of this service. The relay takes events out of a record's outbox
 * only once the bus has them, so the records tell. False when the signal fires first. A record that is not there, or of
 * no kind that this service keeps, has nothing to wait for.
 */
export const awaitPublished = async (
  collections: Collections,
  tenant: string,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<boolean> => {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    const published = await Promise.all(changes.map((change) => isPublished(collections, tenant, change)));
    if (!published.includes(false)) return true;
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
  }
};

const isPublished = async (collections: Collections, tenant: string, change: Change): Promise<boolean> => {
  if (!("id" in change)) {
    const waiting = {
      tenant,
      // The partial index on `relayAt` serves it: few records wait at any moment.
      relayAt: { $exists: true, $gt: new Date(0) },
      "outbox.at": { $lte: change.committedBy },
    } as Filter<AggregateDocument<unknown>>;
    const found = await Promise.all(
      collections.values().map((each) => each.findOne(waiting, { projection: { _id: 1 } })),
    );
    return found.every((record) => record === null);
  }
  const { id, version } = change;
  const collection = collections.get(typeOfId(id));
  const record = await collection?.findOne({ _id: id, tenant }, { projection: { version: 1, "outbox.version": 1 } });
  if (record === undefined || record === null) return true;
  return record.version >= version && !record.outbox.some((entry) => entry.version <= version);
};
