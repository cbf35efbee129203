import { isDuplicate } from "@keynode/aggregate/fault";
import type { JournalPosition } from "@keynode/messaging/journal";
import type { Collection, Db } from "mongodb";

export type LogName = "journal" | "accesses";

/** How far a service's log was read: to `frontier` as it came, and for good up to `settled`, late rows included. */
export type Places = { readonly frontier: JournalPosition; readonly settled: JournalPosition };

/** One service whose logs are followed, by one replica at a time. */
type SourceDocument = { _id: string; owner: string; leaseUntil: Date } & { [Log in LogName]?: Places };

/** Who follows which service, and how far they have come. */
export type Sources = {
  /** Renews what is held and takes what nobody holds any more; answers the services held from now on. */
  claim(): Promise<ReadonlySet<string>>;
  places(service: string, log: LogName): Promise<Places>;
  /** Does nothing when another replica holds the service by now: it reads on from where it was left, and nothing twice. */
  save(service: string, log: LogName, places: Places): Promise<void>;
  /** Lets others take over at once. */
  release(): Promise<void>;
};

const leaseMs = 15_000;

export const renewMs = leaseMs / 3;

const beginning: JournalPosition = { recordedAt: new Date(0), id: "" };

/** Opens the places of all replicas; `owner` names this one. */
export const openSources = (
  db: Db,
  { services, owner, now }: { readonly services: readonly string[]; readonly owner: string; readonly now: () => Date },
): Sources => {
  const sources: Collection<SourceDocument> = db.collection("auditSources");

  const take = async (service: string, leaseUntil: Date): Promise<boolean> => {
    try {
      const taken = await sources.updateOne(
        { _id: service, leaseUntil: { $lte: now() } },
        { $set: { owner, leaseUntil } },
        { upsert: true },
      );
      return taken.matchedCount + taken.upsertedCount === 1;
    } catch (error) {
      // It is there, and held: no upsert can make it again.
      if (isDuplicate(error)) return false;
      throw error;
    }
  };

  return {
    claim: async () => {
      const leaseUntil = new Date(now().getTime() + leaseMs);
      const known = new Map((await sources.find().toArray()).map((source) => [source._id, source]));
      const held = services.filter((service) => known.get(service)?.owner === owner);
      if (held.length > 0) await sources.updateMany({ _id: { $in: held }, owner }, { $set: { leaseUntil } });
      for (const service of services) {
        const other = known.get(service);
        if (other?.owner === owner || (other && other.leaseUntil > now())) continue;
        if (await take(service, leaseUntil)) held.push(service);
      }
      return new Set(held);
    },
    places: async (service, log) => {
      const found = await sources.findOne({ _id: service });
      return found?.[log] ?? { frontier: beginning, settled: beginning };
    },
    save: async (service, log, places) => {
      await sources.updateOne({ _id: service, owner }, { $set: { [log]: places } });
    },
    release: async () => {
      await sources.updateMany({ owner }, { $set: { leaseUntil: new Date(0) } });
    },
  };
};
