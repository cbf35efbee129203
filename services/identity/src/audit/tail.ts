import { pause } from "@keynode/messaging/backoff";
import type { Host } from "@keynode/messaging/host";
import type { JournalPosition } from "@keynode/messaging/journal";
import type { Entries } from "./entries.ts";
import type { AuditedLog, Key, Read } from "./logs.ts";
import type { Places, Sources } from "./sources.ts";

/** Entries of one write. */
const groupEntries = 500;
/** Law 2: rows become visible out of order within this span. */
export const overlapMs = 60_000;
/** Late rows are looked for this often. */
const lateMs = 30_000;
/** While rows come, the next ones are asked for after this long, so that each time takes a group. */
const busyMs = 500;
const restMs = 5_000;
/** A service that does not answer is asked again after this long at most. */
const failedMs = 30_000;

export type TailOptions = {
  readonly service: string;
  readonly logs: readonly AuditedLog[];
  readonly entries: Pick<Entries, "add" | "missing" | "keepShape">;
  readonly sources: Pick<Sources, "places" | "save">;
  readonly host: Host;
};

/** Follows the logs of one service until the signal fires: never fails, and at rest asks every five seconds. */
export const tail = async (options: TailOptions, signal: AbortSignal): Promise<void> => {
  const { service, host } = options;
  const followed = options.logs.map((log) => followLog(options, log));
  let lateAt = 0;
  let quiet = 0;
  let failures = 0;
  while (!signal.aborted) {
    try {
      let found = 0;
      for (const log of followed) found += await log.advance(signal);
      if (host.now().getTime() >= lateAt) {
        for (const log of followed) await log.settle(signal);
        lateAt = host.now().getTime() + lateMs;
      }
      failures = 0;
      quiet = found > 0 ? 0 : quiet + 1;
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) host.log.warn({ source: service, err: error }, "logs cannot be read, will be tried again");
      failures += 1;
    }
    const waitMs = failures > 0 ? Math.min(busyMs * 2 ** failures, failedMs) : Math.min(busyMs * 2 ** quiet, restMs);
    await pause(waitMs, signal);
  }
};

/**
 * Reads one log twice over: its rows as they come, and, once they are old enough that none can turn up beside them, their
 * keys, to find those that came late. Nothing is lost by a crash anywhere, and an entry is there once.
 */
export const followLog = (
  { service, entries, sources, host }: Pick<TailOptions, "service" | "entries" | "sources" | "host">,
  log: AuditedLog,
) => {
  let places: Places | undefined;
  /** Taken since `settled`, by when they were recorded. */
  const taken = new Map<string, Date>();

  const load = async (): Promise<Places> => (places ??= await sources.places(service, log.name));

  const save = async (next: Places): Promise<void> => {
    await sources.save(service, log.name, next);
    const moved = next.settled !== places?.settled;
    places = next;
    if (moved) for (const [id, at] of taken) if (at < next.settled.recordedAt) taken.delete(id);
  };

  const store = async (reads: readonly Read[]): Promise<void> => {
    for (const { shape } of reads) if (shape) await entries.keepShape(shape.name, shape.shape);
    await entries.add(reads.map(({ entry }) => entry));
  };

  return {
    /** Takes the rows behind the frontier; answers how many there were. */
    advance: async (signal: AbortSignal): Promise<number> => {
      let { settled, frontier } = await load();
      const safe = host.now().getTime() - overlapMs;
      let found = 0;
      for await (const group of groupsOf(log.read(frontier, signal))) {
        await store(group);
        for (const { entry, place } of group) taken.set(entry._id, place.recordedAt);
        frontier = group.at(-1)?.place ?? frontier;
        // What is this old when it is read the first time need not be read again, unless late rows lie before it.
        if (isAtOrAfter(settled, places?.frontier) && frontier.recordedAt.getTime() < safe) settled = frontier;
        await save({ settled, frontier });
        found += group.length;
      }
      return found;
    },
    /** Takes the rows that turned up behind others, now that no more can. */
    settle: async (signal: AbortSignal): Promise<void> => {
      const { settled, frontier } = await load();
      const until = new Date(host.now().getTime() - overlapMs);
      if (settled.recordedAt >= until || isAtOrAfter(settled, frontier)) return;
      for await (const keys of groupsOf(log.keys(settled, until, signal))) {
        const unknown = keys.filter(({ id }) => !taken.has(id));
        const missing = new Set(unknown.length === 0 ? [] : await entries.missing(unknown.map(({ id }) => id)));
        const late = unknown.filter(({ id }) => missing.has(id));
        if (late.length > 0) for await (const group of groupsOf(log.find(late, signal))) await store(group);
        await save({ frontier: (await load()).frontier, settled: lastPlace(keys, settled) });
      }
    },
  };
};

const lastPlace = (keys: readonly Key[], otherwise: JournalPosition): JournalPosition =>
  keys.at(-1)?.place ?? otherwise;

const isAtOrAfter = (place: JournalPosition, other: JournalPosition | undefined): boolean =>
  other !== undefined &&
  (place.recordedAt > other.recordedAt ||
    (place.recordedAt.getTime() === other.recordedAt.getTime() && place.id >= other.id));

async function* groupsOf<Item>(items: AsyncIterable<Item>): AsyncGenerator<readonly Item[]> {
  let group: Item[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < groupEntries) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
