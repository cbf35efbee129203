/** Knows how many tasks are under way, so that their number can be bounded and their end awaited. */
export type Tally = {
  /** Counts a task until it settles; it must not reject. */
  add(task: Promise<void>): void;
  /** Resolves when fewer than `count` tasks are under way. */
  below(count: number): Promise<void>;
};

export const tally = (): Tally => {
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  let present = 0;
  return {
    add: (task) => {
      present += 1;
      void task.then(() => {
        present -= 1;
        for (const one of waiting) if (present < one.count) one.resolve();
      });
    },
    below: async (count) => {
      if (present < count) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const one = { count, resolve };
      waiting.add(one);
      await promise;
      waiting.delete(one);
    },
  };
};
