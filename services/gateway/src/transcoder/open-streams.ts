import type { Exchange } from "../exchange.ts";

/** The streams that clients read at this moment. */
export type OpenStreams = {
  /** Counts one more for a caller and its tenant, until its answer is closed; false when one has as many as allowed. */
  readonly add: (exchange: Exchange, caller: string, stop: () => void) => boolean;
  /** Ends them all: a gateway that stops would wait for them otherwise. */
  readonly stopAll: () => void;
};

export type StreamLimits = { readonly perCaller: number; readonly perTenant: number };

export const createOpenStreams = ({ perCaller, perTenant }: StreamLimits): OpenStreams => {
  const counts = new Map<string, number>();
  const stops = new Set<() => void>();
  const leave = (name: string): void => {
    const left = (counts.get(name) ?? 1) - 1;
    if (left > 0) counts.set(name, left);
    else counts.delete(name);
  };
  return {
    add: ({ response, tenant }, caller, stop) => {
      const limits: (readonly [name: string, limit: number])[] = [[`caller ${caller}`, perCaller]];
      if (tenant !== undefined) limits.push([`tenant ${tenant}`, perTenant]);
      if (limits.some(([name, limit]) => (counts.get(name) ?? 0) >= limit)) return false;
      for (const [name] of limits) counts.set(name, (counts.get(name) ?? 0) + 1);
      stops.add(stop);
      response.once("close", () => {
        stops.delete(stop);
        for (const [name] of limits) leave(name);
      });
      return true;
    },
    stopAll: () => {
      for (const stop of stops) stop();
    },
  };
};
