import { setTimeout as sleep } from "node:timers/promises";

export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/** Exponential with jitter: between half and the whole of `firstMs * 2^attempt`, at most `maxMs`. `attempt` counts from 0. */
export const backoffMs = (attempt: number, { firstMs, maxMs }: Backoff): number => {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return whole / 2 + (Math.random() * whole) / 2;
};

/** Waits, or ends early when the signal fires; never rejects. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted || ms <= 0) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};

/**
 * Repeats `attempt` until it succeeds, forever but at a bounded rate. Answers undefined when the signal fired first;
 * a signal that fires during an attempt lets that attempt finish.
 */
export const persist = async <Result>(
  attempt: () => Promise<Result>,
  {
    backoff,
    signal,
    failed,
  }: { backoff: Backoff; signal: AbortSignal; failed: (error: unknown, attempt: number) => void },
): Promise<{ readonly value: Result } | undefined> => {
  for (let count = 0; ; count++) {
    try {
      return { value: await attempt() };
    } catch (error) {
      failed(error, count);
      await pause(backoffMs(count, backoff), signal);
      if (signal.aborted) return undefined;
    }
  }
};
