import { setTimeout as delay } from "node:timers/promises";
import { cpuMs } from "./processes.ts";

/** One of those compared: it answers the same requests for leads. */
export type Contender = {
  readonly name: string;
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The processes that a request for a lead goes through. */
  readonly pids: readonly number[];
  /** Everything of it that may still be at work after a request. */
  readonly background: readonly number[];
  /** The seeded leads. */
  readonly leadIds: readonly string[];
  /** The filter of a list, by status, as it writes it. */
  readonly newestByStatus: string;
  /** Resolves when nothing that a write recorded waits to be published. */
  readonly drained: () => Promise<void>;
};

const WINDOW_MS = 300;
/** Of one core: timers and health checks of ten idle services stay below it. */
const IDLE_SHARE = 0.1;
const PATIENCE_MS = 30_000;

/** Waits until the contender's processes rest, so that what one round left behind is not the next one's. */
export const settled = async ({ background }: Contender): Promise<void> => {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const beforeMs = cpuMs(background);
    await delay(WINDOW_MS);
    if (cpuMs(background) - beforeMs <= WINDOW_MS * IDLE_SHARE || performance.now() > giveUpAt) return;
  }
};
