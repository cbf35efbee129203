import { randomUUID } from "node:crypto";
import { pause } from "./backoff.ts";
import {
  type CaughtUpWithin,
  forgetSubscription,
  type Sources,
  type SubscriptionOptions,
  startSubscription,
  type Subscription,
  type SubscriptionHost,
} from "./consumer.ts";
import { generationTables, type RowTypes, type TableCollections, type TableSpecs, type Tables } from "./generation.ts";
import type { ProjectionDocument, ProjectionRegistry } from "./projection-registry.ts";
import { buildGeneration } from "./rebuild.ts";
import type { Recorded } from "./recorded.ts";
import type { SourceState } from "./source.ts";

export type ProjectionDefinition<Rows extends RowTypes> = {
  readonly name: string;
  /** Raise it when `apply` or the tables change their meaning: the first replica to start with it rebuilds. Default 1. */
  readonly revision?: number;
  readonly from: Sources;
  readonly tables: TableSpecs<Rows>;
  /**
   * Folds one event into the tables. Bears duplicates and any order, and gives the same tables for the same events: it takes
   * no time, no randomness and nothing from elsewhere. Events of one record come one at a time.
   */
  readonly apply: (event: Recorded, tables: Tables<Rows>) => Promise<void>;
};

/** Gives a definition its types. */
export const defineProjection = <Rows extends RowTypes>(
  definition: ProjectionDefinition<Rows>,
): ProjectionDefinition<Rows> => definition;

export type ProjectionStatus = {
  readonly generation: number;
  readonly revision: number;
  /** The generation that is being built beside it. */
  readonly building?: number;
  readonly sources: Readonly<Record<string, SourceState>>;
};

export type Projection<Rows extends RowTypes> = {
  /** The tables to read from now. Ask again for each request: after a rebuild they are others. */
  tables(): TableCollections<Rows>;
  /** Every event published before then is in the tables; undefined if no source has published yet. */
  asOf(): Promise<Date | undefined>;
  /** Resolves when every event published before this call is in the tables, or a dead letter; see `Subscription`. */
  caughtUp(within?: CaughtUpWithin): Promise<void>;
  /**
   * Builds a new generation from the journals beside the live one, and resolves when readers have been switched to it. Joins a
   * build that is under way, whichever replica does it.
   */
  rebuild(): Promise<void>;
  status(): ProjectionStatus;
  stop(): Promise<void>;
};

export type ProjectionOptions = SubscriptionHost &
  Pick<SubscriptionOptions, "maxAttempts" | "retryAfterMs"> & {
    readonly registry: ProjectionRegistry;
    /** How long a former generation stays for readers that began on it. Default 60 s. */
    readonly graceMs?: number;
  };

/** Rows of many events go out in one write: see `grouped`. */
const concurrency = 128;

/** Between the end of a generation's consumers in every replica and its removal by one. */
const removalDelayMs = 10_000;

type Generation<Rows extends RowTypes> = ReturnType<typeof generationTables<Rows>> & {
  readonly subscription: Subscription;
};

/** Starts a projection in one replica, together with all others of its service: they share consumers and tables. */
export const startProjection = async <Rows extends RowTypes>(
  definition: ProjectionDefinition<Rows>,
  options: ProjectionOptions,
): Promise<Projection<Rows>> => {
  const { name, revision = 1, from, tables: specs, apply } = definition;
  const { registry, graceMs = 60_000, ...shared } = options;
  const { db, host } = options;
  const owner = randomUUID();
  const stopping = new AbortController();
  const running = new Map<number, Generation<Rows>>();
  let build: { readonly generation: number; readonly done: Promise<void> } | undefined;
  let document = await registry.open(name, revision);

  const subscriptionName = (generation: number): string => `${name}_g${generation}`;

  const run = async (generation: number, history: "all" | "none"): Promise<Generation<Rows>> => {
    const existing = running.get(generation);
    if (existing) return existing;
    const made = generationTables(db, name, specs, generation);
    await made.prepare();
    const subscription = startSubscription({
      ...shared,
      name: subscriptionName(generation),
      from,
      history,
      concurrency,
      handle: (event) => apply(event, made.tables),
    });
    const started = { ...made, subscription };
    running.set(generation, started);
    return started;
  };

  const halt = async (generation: number): Promise<void> => {
    await running.get(generation)?.subscription.stop();
    running.delete(generation);
  };

  const remove = async (generation: number): Promise<void> => {
    await forgetSubscription({ ...shared, name: subscriptionName(generation), from });
    await generationTables(db, name, specs, generation).drop();
    await registry.release(name, generation);
    host.log.info({ projection: name, generation }, "former generation removed");
  };

  const startBuild = (generation: number): void => {
    const done = buildGeneration({
      registry,
      name,
      owner,
      generation,
      graceMs,
      host,
      signal: stopping.signal,
      contexts: Object.keys(from),
      start: async () => (await run(generation, "none")).subscription,
    }).catch(async (error: unknown) => {
      host.log.warn({ projection: name, generation, err: error }, "building stopped here and will be taken up again");
      if (generation !== document.active) await halt(generation);
    });
    const mine = { generation, done: done.finally(() => (build = build === mine ? undefined : build)) };
    build = mine;
  };

  /** Brings this replica to what the registry says. */
  const reconcile = async (seen: ProjectionDocument): Promise<void> => {
    await run(seen.active, "all");
    document = seen;
    const now = host.now().getTime();
    const kept = seen.retired.filter(({ dropAt }) => dropAt.getTime() > now).map(({ generation }) => generation);
    const wanted = new Set([seen.active, ...kept, build?.generation]);
    for (const generation of kept) await run(generation, "all");
    for (const generation of running.keys()) if (!wanted.has(generation)) await halt(generation);
    for (const { generation, dropAt } of seen.retired)
      if (dropAt.getTime() + removalDelayMs <= now) await remove(generation);
    await considerBuild(seen);
  };

  const considerBuild = async ({ building, revision: builtBy }: ProjectionDocument): Promise<void> => {
    if (build) return;
    if (!building) {
      if (builtBy < revision) await begin();
      return;
    }
    if (building.leaseUntil > host.now() || !(await registry.takeOver(name, building.generation, owner))) return;
    if (building.revision < revision) await registry.abandon(name, { ...building, owner });
    else startBuild(building.generation);
  };

  const begin = async (): Promise<void> => {
    const begun = await registry.begin(document, revision, owner);
    if (begun?.building) startBuild(begun.building.generation);
  };

  let reconciling: Promise<void> = reconcile(document);
  await reconciling;
  let latest: ProjectionDocument | undefined;
  const unwatch = registry.watch(name, (seen) => {
    const isQueued = latest !== undefined;
    latest = seen;
    if (isQueued) return;
    reconciling = reconciling
      .then(async () => {
        const newest = latest;
        latest = undefined;
        if (newest && !stopping.signal.aborted) await reconcile(newest);
      })
      .catch((error: unknown) => host.log.warn({ projection: name, err: error }, "projection not reconciled"));
  });

  const active = (): Generation<Rows> => {
    const generation = running.get(document.active);
    if (!generation) throw new Error(`projection ${name} is stopped`);
    return generation;
  };

  const refreshed = async (): Promise<void> => {
    await registry.refresh();
    await reconciling;
  };

  return {
    tables: () => active().collections,
    asOf: () => active().subscription.asOf(),
    caughtUp: (within) => active().subscription.caughtUp(within),
    rebuild: async () => {
      await refreshed();
      if (!document.building) await begin();
      await refreshed();
      const awaited = document.building?.generation ?? document.active;
      while (document.active < awaited) {
        if (document.building?.generation !== awaited)
          throw new Error(`generation ${awaited} of ${name} was abandoned`);
        await pause(50, stopping.signal);
        stopping.signal.throwIfAborted();
        await refreshed();
      }
    },
    status: () => ({
      generation: document.active,
      revision: document.revision,
      ...(document.building && { building: document.building.generation }),
      sources: active().subscription.states(),
    }),
    stop: async () => {
      stopping.abort(new Error(`projection ${name} is stopped`));
      unwatch();
      await reconciling;
      await build?.done;
      await Promise.all(running.keys().map(halt));
    },
  };
};
