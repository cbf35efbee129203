import type { StreamInfo } from "@nats-io/jetstream";
import type { Db } from "mongodb";

/**
 * How far a subscription has come in one source stream: every event up to `seq`, published by `at`, is handled or a dead
 * letter. It may lag behind the truth, never run ahead of it.
 */
export type Position = { readonly streamCreated: string; readonly seq: number; readonly at: Date };

type PositionDocument = Position & { _id: string };

export type Positions = {
  load(subscription: string, context: string): Promise<Position | undefined>;
  save(subscription: string, context: string, position: Position): Promise<void>;
  remove(subscription: string): Promise<void>;
};

/** The positions of a service's subscriptions. */
export const openPositions = (db: Db): Positions => {
  const positions = db.collection<PositionDocument>("subscriptions");
  const idOf = (subscription: string, context: string): string => `${subscription}:${context}`;
  return {
    load: async (subscription, context) => (await positions.findOne({ _id: idOf(subscription, context) })) ?? undefined,
    save: async (subscription, context, { streamCreated, seq, at }) => {
      await positions.updateOne(
        { _id: idOf(subscription, context) },
        { $set: { streamCreated, seq, at } },
        { upsert: true },
      );
    },
    remove: async (subscription) => {
      await positions.deleteMany({ _id: { $gte: `${subscription}:`, $lt: `${subscription};` } });
    },
  };
};

/**
 * Events are published at most this long after their row's `recordedAt` (half a minute that the relay may hold a row,
 * and the clocks' difference), so a reader that goes back by it misses none.
 */
export const overlapMs = 60_000;

/**
 * From when the source's journal has to be read, because the stream does not lead on from the position: it was made anew,
 * dropped events that were not yet handled, or lost its end. Undefined if it leads on. Without a position: from the beginning.
 */
export const backfillFrom = (stream: StreamInfo, position: Position | undefined): Date | undefined => {
  const { first_seq: first, last_seq: last } = stream.state;
  if (!position) return first > 1 ? new Date(0) : undefined;
  const leadsOn = stream.created === position.streamCreated && first <= position.seq + 1 && position.seq <= last;
  return leadsOn ? undefined : new Date(position.at.getTime() - overlapMs);
};
