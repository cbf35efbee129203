import type { Alarm } from "@keynode/api/alarm";
import { startTimers } from "@keynode/messaging/timers";
import type { Collection, Db } from "mongodb";
import { type ChainDocument, type Day, dayOf, extended, type Pending, type SealDocument } from "./chain.ts";
import type { Entries } from "./entries.ts";
import type { Signer } from "./signature.ts";

/** Days whose entries are removed at one time. */
const stepDays = 31;
/** Entries sealed by one step. */
const stepEntries = 500;
/** A chain whose day ends is closed this long after midnight, and up to an hour later, so that not all are at once. */
const closeAfterMs = 60_000;
const closeSpreadMs = 3_600_000;
const dayMs = 24 * 3_600_000;

export type SealingOptions = {
  readonly entries: Pick<Entries, "collection" | "chains">;
  readonly seals: Collection<SealDocument>;
  readonly signer: Signer;
  /** For how many years a tenant keeps entries. */
  readonly retentionYears: (tenant: string) => Promise<number>;
  readonly now: () => Date;
};

export const sealsOf = (db: Db): Collection<SealDocument> => db.collection("auditSeals");

/**
 * Puts a chain's open entries into it, in the order of their recording, and closes the days that are over. Entries that turn
 * up later go behind those that are sealed. Each step is noted in the chain's document by a compare-and-set before it is
 * done: however many do it, and wherever they are stopped, one chain comes of it.
 */
export const sealer = ({ entries: { collection, chains }, seals, signer, retentionYears, now }: SealingOptions) => {
  /** Throws when somebody else was faster: the chain's timer then fires again, in case they did not get through. */
  const advance = async (
    chain: ChainDocument,
    set: Partial<ChainDocument>,
    unset: readonly ("pending" | "day")[] = [],
  ): Promise<ChainDocument> => {
    const next = await chains.findOneAndUpdate(
      { _id: chain._id, tenant: chain.tenant, version: chain.version },
      {
        $set: { ...set, version: chain.version + 1 },
        ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, ""])) }),
      },
      { returnDocument: "after" },
    );
    if (next === null) throw new Error(`the chain ${chain._id} is being sealed elsewhere`);
    return next;
  };

  const closed = async (
    chain: ChainDocument,
    { signature, ...day }: Day & { signature: SealDocument["signature"] },
  ) => {
    const { tenant, service } = chain;
    await seals.updateOne(
      { _id: `${chain._id}/${day.day}`, tenant },
      { $setOnInsert: { service, ...day, signature } },
      { upsert: true },
    );
    return await advance(chain, { root: day.root }, ["day"]);
  };

  const applied = async (chain: ChainDocument, { day, entries }: Pending) => {
    const [first] = entries;
    if (first !== undefined) {
      const ids = entries.map(({ id }) => id);
      // One statement that looks each entry up in the step costs an engine half of what one for each entry does.
      const place = { $indexOfArray: [{ $literal: ids }, "$_id"] };
      const link = { $arrayElemAt: [{ $literal: entries.map((entry) => entry.link) }, place] };
      await collection.updateMany({ _id: { $in: ids }, tenant: chain.tenant }, [
        { $set: { sequence: { $add: [first.sequence, place] }, link, day: first.day } },
        { $unset: "open" },
      ]);
    }
    return await advance(chain, { sequence: day.lastSequence, day: { ...day, signature: signer.sign(day.root) } }, [
      "pending",
    ]);
  };

  /** The chain after one step; undefined when there is nothing left to do. */
  const step = async (chain: ChainDocument): Promise<ChainDocument | undefined> => {
    if (chain.pending) return await applied(chain, chain.pending);
    const today = dayOf(now());
    if (chain.day && chain.day.day < today) return await closed(chain, chain.day);
    const open = await collection
      .find(
        { tenant: chain.tenant, service: chain.service, open: { $exists: true } },
        { projection: { _id: 1, digest: 1 } },
      )
      .hint("open")
      .sort({ recordedAt: 1, _id: 1 })
      .limit(stepEntries)
      .toArray();
    // A clock that was set back does not reopen a day: what comes meanwhile is of the day that the chain has come to.
    const pending = extended(chain, chain.day?.day ?? today, open);
    return pending && (await advance(chain, { pending }));
  };

  /** Removes the entries of whole days that the tenant keeps no longer; their seals stay, for the chain goes on from them. */
  const purge = async ({ tenant, service }: ChainDocument): Promise<void> => {
    const kept = new Date(now());
    kept.setUTCFullYear(kept.getUTCFullYear() - (await retentionYears(tenant)));
    const over = await seals
      .find({ tenant, service, day: { $lt: dayOf(kept) }, emptied: { $exists: false } })
      .sort({ day: 1 })
      .limit(stepDays)
      .toArray();
    for (const { _id, firstSequence, lastSequence, purgedAt = now() } of over) {
      // Noted first: a day that is half removed when this ends is being removed, not tampered with.
      await seals.updateOne({ _id, tenant }, { $set: { purgedAt } });
      const sequence = { $exists: true, $gte: firstSequence, $lte: lastSequence };
      await collection.deleteMany({ tenant, service, sequence });
      await seals.updateOne({ _id, tenant }, { $set: { emptied: true } });
    }
  };

  return {
    /** Seals all there is of a chain, and says when it is to be looked at again. */
    seal: async (id: string, tenant: string): Promise<void> => {
      const first = await chains.findOne({ _id: id, tenant });
      if (first === null) return;
      let next: ChainDocument | undefined = first;
      while (next) next = await step(next);
      const { arrivals } = first;
      const rest = await chains.findOne({ _id: id, tenant });
      if (rest === null) return;
      await purge(rest);
      const again = closingTime(rest._id, rest.day?.day ?? dayOf(now()));
      // Entries that arrived meanwhile have set the time themselves, or do so now.
      const { matchedCount } = await chains.updateOne({ _id: id, tenant, arrivals }, { $set: { wakeAt: again } });
      if (matchedCount === 0) await chains.updateOne({ _id: id, tenant }, { $set: { wakeAt: now() } });
    },
  };
};

/** When a chain's day is closed; chains differ in it by their names. */
const closingTime = (id: string, day: string): Date => {
  const spread = Buffer.from(id).reduce((sum, byte) => (sum * 31 + byte) % closeSpreadMs, 0);
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs + closeAfterMs + spread);
};

/** Seals each chain when its time has come, in one replica at a time (law 9). */
export const sealing =
  (options: SealingOptions): Alarm =>
  async (_service, host) => {
    const { seal } = sealer(options);
    await options.seals.createIndexes([{ name: "days", key: { tenant: 1, service: 1, day: 1 } }]);
    return await startTimers({
      collection: options.entries.chains,
      host,
      fire: ({ _id, tenant }) => seal(_id, tenant),
    });
  };
