import { setTimeout as delay } from "node:timers/promises";
import type { Chosen } from "./choose.ts";
import { reasonOf } from "./reason.ts";
import type { Log, Running } from "./server.ts";

/** A server under control: it may be killed and started again on the same data and address. */
export type Engine = {
  readonly kind: string;
  readonly version: string;
  readonly url: string;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Ends it as a crash would; it stays down until `start`. */
  readonly kill: () => Promise<void>;
};

const RESTARTS = 5;
/** A server that ran for so long was well: count its restarts anew. */
const STEADY_MS = 60_000;

/**
 * Keeps a chosen server in hand. With `keepAlive` one that ends unasked is started again, after a growing pause and
 * a few times only.
 */
export const holdEngine = (
  { kind, launch, running: first }: Chosen,
  { name, keepAlive, log }: { name: string; keepAlive: boolean; log: Log },
): Engine => {
  let running: Running | undefined = first;
  let wanted = true;
  let attempts = 0;

  const watch = (current: Running) => {
    const since = Date.now();
    void current.ended.then(async () => {
      if (running !== current || !wanted || !keepAlive) return;
      running = undefined;
      if (Date.now() - since > STEADY_MS) attempts = 0;
      await revive();
    });
  };
  const revive = async (): Promise<void> => {
    while (wanted && running === undefined) {
      attempts += 1;
      if (attempts > RESTARTS) return log(`${name} ended ${RESTARTS} times in a row and is not started again`);
      log(`${name} ended unexpectedly: starting it again`);
      await delay(100 * 2 ** (attempts - 1));
      try {
        const next = await launch();
        if (!wanted) return await next.stop();
        running = next;
        watch(next);
      } catch (error) {
        log(`${name} could not be started again: ${reasonOf(error)}`);
      }
    }
  };
  watch(first);

  const release = async (end: (current: Running) => Promise<void>) => {
    wanted = false;
    const current = running;
    running = undefined;
    if (current !== undefined) await end(current);
  };
  return {
    kind,
    version: first.version,
    url: first.url,
    start: async () => {
      if (running !== undefined) return;
      wanted = true;
      const next = await launch();
      running = next;
      watch(next);
    },
    stop: () => release((current) => current.stop()),
    kill: () => release((current) => current.kill()),
  };
};
