import { TimeoutError } from "./errors.ts";

/** Ends a call when its time is up, or when the caller no longer wants it. */
export type Deadline = {
  readonly signal: AbortSignal;
  readonly atMs: number;
  /** From now on only the caller ends it: the answer has begun, and may take as long as it likes. */
  readonly lift: () => void;
  readonly end: () => void;
};

/** One timer and at most one listener per call: cheaper than AbortSignal.any, and nothing is left behind. */
export const startDeadline = (timeoutMs: number, caller: AbortSignal | undefined): Deadline => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TimeoutError(timeoutMs)), timeoutMs);
  const lift = (): void => clearTimeout(timer);
  const giveUp = (): void => controller.abort(caller?.reason);
  if (caller?.aborted) giveUp();
  caller?.addEventListener("abort", giveUp, { once: true });
  return {
    signal: controller.signal,
    atMs: Date.now() + timeoutMs,
    lift,
    end: () => {
      lift();
      caller?.removeEventListener("abort", giveUp);
    },
  };
};

/** Waits, unless the signal ends it: then it throws the signal's reason. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
