/** Runs tasks side by side, those of one key one after the other. */
export type Lanes = {
  /** Resolves when the task has run; it must not reject. */
  run(key: string, task: () => Promise<void>): Promise<void>;
  /** Resolves when fewer than `count` tasks are waiting or running. */
  below(count: number): Promise<void>;
};

/** At most `width` tasks run at once; how many wait is the caller's to bound, with `below`. */
export const lanes = (width: number): Lanes => {
  const tails = new Map<string, Promise<void>>();
  const blocked: (() => void)[] = [];
  const watching = new Set<{ count: number; resolve: () => void }>();
  let running = 0;
  let present = 0;

  const enter = async (): Promise<void> => {
    if (running < width) running += 1;
    else await new Promise<void>((resolve) => blocked.push(resolve));
  };
  /** A blocked task takes over the place that is left. */
  const leave = (): void => {
    const next = blocked.shift();
    if (next) next();
    else running -= 1;
  };

  const inTurn = async (before: Promise<void> | undefined, task: () => Promise<void>): Promise<void> => {
    await before;
    await enter();
    try {
      await task();
    } finally {
      leave();
    }
  };

  return {
    run: async (key, task) => {
      present += 1;
      const turn = inTurn(tails.get(key), task);
      tails.set(key, turn);
      await turn;
      present -= 1;
      if (tails.get(key) === turn) tails.delete(key);
      for (const watch of watching) if (present < watch.count) watch.resolve();
    },
    below: async (count) => {
      if (present < count) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const watch = { count, resolve };
      watching.add(watch);
      await promise;
      watching.delete(watch);
    },
  };
};
