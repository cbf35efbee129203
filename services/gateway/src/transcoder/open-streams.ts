import type { Exchange } from "../exchange.ts";

/** The streams that clients read at this moment. */
export type OpenStreams = {
  /** Counts one more for a caller, until its answer is closed; false when the caller has as many as allowed. */
  readonly add: (exchange: Exchange, caller: string, stop: () => void) => boolean;
  /** Ends them all: a gateway that stops would wait for them otherwise. */
  readonly stopAll: () => void;
};

export const createOpenStreams = (maxPerCaller: number): OpenStreams => {
  const counts = new Map<string, number>();
  const stops = new Set<() => void>();
  return {
    add: ({ response }, caller, stop) => {
      const count = counts.get(caller) ?? 0;
      if (count >= maxPerCaller) return false;
      counts.set(caller, count + 1);
      stops.add(stop);
      response.once("close", () => {
        stops.delete(stop);
        const left = (counts.get(caller) ?? 1) - 1;
        if (left > 0) counts.set(caller, left);
        else counts.delete(caller);
      });
      return true;
    },
    stopAll: () => {
      for (const stop of stops) stop();
    },
  };
};
