import { type Backoff, pause, persist } from "./backoff.ts";
import type { Subscription } from "./consumer.ts";
import type { Host } from "./host.ts";
import type { JournalPosition } from "./journal.ts";
import { type ProjectionRegistry, renewMs } from "./projection-registry.ts";

/** A source whose journal cannot be read now is tried again, from where it was left. */
const readBackoff: Backoff = { firstMs: 250, maxMs: 10_000 };

const beginning: JournalPosition = { recordedAt: new Date(0), id: "" };

/**
 * Builds a generation and makes it the active one: its live consumers first, then every journal from the beginning, or from
 * where a builder before left it, then what the consumers have not come to; so no event falls between. Rejects when it
 * is stopped or loses its lease; another replica, or this one again, then goes on.
 */
export const buildGeneration = async ({
  registry,
  name,
  owner,
  generation,
  contexts,
  graceMs,
  host,
  signal: stopped,
  start,
}: {
  registry: ProjectionRegistry;
  name: string;
  owner: string;
  generation: number;
  contexts: readonly string[];
  graceMs: number;
  host: Host;
  signal: AbortSignal;
  start: () => Promise<Subscription>;
}): Promise<void> => {
  const lost = new AbortController();
  const signal = AbortSignal.any([stopped, lost.signal]);
  const lose = (): void => lost.abort(new Error(`the lease on generation ${generation} of ${name} was lost`));
  const renewing = setInterval(async () => {
    const kept = await registry.renew(name, generation, owner).catch(() => true);
    if (!kept) lose();
  }, renewMs);

  try {
    const subscription = await start();
    while (Object.values(subscription.states()).some((state) => state !== "live")) {
      await pause(20, signal);
      signal.throwIfAborted();
    }
    const before = await registry.read(name);
    for (const context of contexts) {
      let place = before?.building?.places[context] ?? beginning;
      const reached = async (next: JournalPosition): Promise<void> => {
        signal.throwIfAborted();
        if (!(await registry.savePlace(name, generation, owner, context, next))) lose();
        place = next;
      };
      await persist(() => subscription.readJournal(context, place, reached), {
        backoff: readBackoff,
        signal,
        failed: (error) =>
          host.log.warn({ projection: name, context, err: error }, "journal cannot be read, will be tried again"),
      });
      signal.throwIfAborted();
    }
    await subscription.caughtUp();
    signal.throwIfAborted();
    // From here on the lease is not needed, and its end would look like its loss.
    clearInterval(renewing);
    const document = await registry.read(name);
    const activated =
      document?.building && (await registry.activate(document, { ...document.building, owner }, graceMs));
    if (!activated) throw new Error(`the lease on generation ${generation} of ${name} was lost`);
  } finally {
    clearInterval(renewing);
  }
  host.log.info({ projection: name, generation }, "projection rebuilt and switched");
  await registry.refresh();
};
