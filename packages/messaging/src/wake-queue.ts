/** Records whose outbox is to be relayed: each waits once, however often it is woken; bounded. */
export type WakeQueue = {
  /** False if the queue was full: the record is left to the sweep. */
  add(collection: string, id: string): boolean;
  /** Takes up to `count` records, longest waiting first. */
  take(count: number): ReadonlyMap<string, readonly string[]>;
  readonly size: number;
  /** Resolves once something waits, at once if it does already, or when the signal fires. */
  filled(signal: AbortSignal): Promise<void>;
};

export const wakeQueue = (capacity: number): WakeQueue => {
  const waiting = new Map<string, { collection: string; id: string }>();
  let notify: (() => void) | undefined;

  return {
    add: (collection, id) => {
      const key = `${collection}/${id}`;
      if (waiting.has(key)) return true;
      if (waiting.size >= capacity) return false;
      waiting.set(key, { collection, id });
      notify?.();
      return true;
    },
    take: (count) => {
      const taken = waiting.entries().take(count).toArray();
      for (const [key] of taken) waiting.delete(key);
      const byCollection = Map.groupBy(taken, ([, { collection }]) => collection);
      return new Map([...byCollection].map(([collection, records]) => [collection, records.map(([, { id }]) => id)]));
    },
    get size() {
      return waiting.size;
    },
    filled: async (signal) => {
      if (waiting.size > 0 || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = (): void => resolve();
      notify = stop;
      signal.addEventListener("abort", stop, { once: true });
      await promise;
      signal.removeEventListener("abort", stop);
      notify = undefined;
    },
  };
};
