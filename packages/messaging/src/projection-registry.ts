import type { Collection, Db, UpdateFilter } from "mongodb";
import { pause } from "./backoff.ts";
import type { Host } from "./host.ts";
import type { JournalPosition } from "./journal.ts";

/** A generation on its way to replace the active one. One replica builds it, under a lease. */
export type Building = {
  generation: number;
  revision: number;
  owner: string;
  leaseUntil: Date;
  /** How far each source's journal is read. */
  places: Record<string, JournalPosition>;
};

/** Where a projection stands, for all replicas of its service. `_id` is its name. */
export type ProjectionDocument = {
  _id: string;
  /** The definition's revision that the active generation was built by. */
  revision: number;
  active: number;
  /** The highest number given to a generation; none is used twice. */
  last: number;
  building?: Building;
  /** Former generations: consumed until `dropAt`, dropped a while after. */
  retired: { generation: number; dropAt: Date }[];
  switchedAt: Date;
};

export type ProjectionRegistry = {
  /** Makes the document of a projection that is new, with an empty first generation. */
  open(name: string, revision: number): Promise<ProjectionDocument>;
  read(name: string): Promise<ProjectionDocument | undefined>;
  /** Called after each look at the registry with what is there, until the answer is called. */
  watch(name: string, changed: (document: ProjectionDocument) => void): () => void;
  /** Looks at once; at most a second passes without. */
  refresh(): Promise<void>;
  /** Claims the building of a new generation; undefined if one is being built already. */
  begin(document: ProjectionDocument, revision: number, owner: string): Promise<ProjectionDocument | undefined>;
  /** Takes over a build whose lease has run out; false if it has not. */
  takeOver(name: string, generation: number, owner: string): Promise<boolean>;
  /** Gives up a build; its generation goes the way of a retired one. */
  abandon(name: string, building: Building): Promise<void>;
  /** False if the lease was lost. */
  renew(name: string, generation: number, owner: string): Promise<boolean>;
  savePlace(name: string, generation: number, owner: string, context: string, place: JournalPosition): Promise<boolean>;
  /** Makes a built generation the active one, and retires the one before. False if the lease was lost. */
  activate(document: ProjectionDocument, building: Building, graceMs: number): Promise<boolean>;
  /** Takes a retired generation off the list, once nothing of it is left. */
  release(name: string, generation: number): Promise<void>;
  stop(): Promise<void>;
};

const leaseMs = 15_000;

/** How often a builder renews its lease. */
export const renewMs = leaseMs / 3;

const pollMs = 1_000;

/** Opens a service's registry of projections: one query a second serves all of them. */
export const openProjectionRegistry = (db: Db, { now, log }: Host): ProjectionRegistry => {
  const projections: Collection<ProjectionDocument> = db.collection("projections");
  const watchers = new Map<string, Set<(document: ProjectionDocument) => void>>();
  const stopping = new AbortController();

  const refresh = async (): Promise<void> => {
    if (watchers.size === 0) return;
    for await (const document of projections.find({ _id: { $in: [...watchers.keys()] } }))
      for (const changed of watchers.get(document._id) ?? []) changed(document);
  };

  const polling = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(pollMs, stopping.signal);
      await refresh().catch((error: unknown) => log.warn({ err: error }, "projections' registry cannot be read"));
    }
  };

  const owned = async (
    { name, generation, owner }: { name: string; generation: number; owner: string },
    update: UpdateFilter<ProjectionDocument>,
  ): Promise<boolean> => {
    const mine = { _id: name, "building.generation": generation, "building.owner": owner };
    return (await projections.updateOne(mine, update)).matchedCount === 1;
  };

  const leaseUntil = (): Date => new Date(now().getTime() + leaseMs);
  const running = polling();

  return {
    open: async (name, revision) => {
      const fresh = { revision, active: 1, last: 1, retired: [], switchedAt: now() };
      await projections.updateOne({ _id: name }, { $setOnInsert: fresh }, { upsert: true }).catch(ignoreDuplicate);
      return (await projections.findOne({ _id: name })) ?? { _id: name, ...fresh };
    },
    read: async (name) => (await projections.findOne({ _id: name })) ?? undefined,
    watch: (name, changed) => {
      const all = watchers.get(name) ?? new Set();
      watchers.set(name, all.add(changed));
      return () => {
        all.delete(changed);
        if (all.size === 0) watchers.delete(name);
      };
    },
    refresh,
    begin: async ({ _id, last }, revision, owner) => {
      const generation = last + 1;
      const building: Building = { generation, revision, owner, leaseUntil: leaseUntil(), places: {} };
      const begun = await projections.findOneAndUpdate(
        { _id, last, building: { $exists: false } },
        { $set: { building, last: generation } },
        { returnDocument: "after" },
      );
      return begun ?? undefined;
    },
    takeOver: async (name, generation, owner) => {
      const { matchedCount } = await projections.updateOne(
        { _id: name, "building.generation": generation, "building.leaseUntil": { $lte: now() } },
        { $set: { "building.owner": owner, "building.leaseUntil": leaseUntil() } },
      );
      return matchedCount === 1;
    },
    abandon: async (name, { generation, owner }) => {
      await owned(
        { name, generation, owner },
        { $unset: { building: "" }, $push: { retired: { generation, dropAt: now() } } },
      );
    },
    renew: (name, generation, owner) =>
      owned({ name, generation, owner }, { $set: { "building.leaseUntil": leaseUntil() } }),
    savePlace: (name, generation, owner, context, place) =>
      owned(
        { name, generation, owner },
        { $set: { [`building.places.${context}`]: place, "building.leaseUntil": leaseUntil() } },
      ),
    activate: ({ _id: name, active }, { generation, revision, owner }, graceMs) =>
      owned(
        { name, generation, owner },
        {
          $set: { active: generation, revision, switchedAt: now() },
          $unset: { building: "" },
          $push: { retired: { generation: active, dropAt: new Date(now().getTime() + graceMs) } },
        },
      ),
    release: async (name, generation) => {
      await projections.updateOne({ _id: name }, { $pull: { retired: { generation } } });
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

const ignoreDuplicate = (error: unknown): void => {
  if (!(error instanceof Error && "code" in error && error.code === 11000)) throw error;
};
