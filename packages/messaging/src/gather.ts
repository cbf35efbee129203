import { setImmediate as nextTurn } from "node:timers/promises";

export type GatherOptions = {
  /** Items of one run at most. */
  readonly maxItems: number;
  /** Runs under way at once. Default 1. */
  readonly maxRuns?: number;
};

/**
 * Group commit, and group read: items that come while a run is under way go out together with the next one, so that load
 * makes groups and rest adds no wait. Answers each item with the result in its place; a run that fails fails all of its
 * items.
 */
export const gather = <Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  { maxItems, maxRuns = 1 }: GatherOptions,
): ((item: Item) => Promise<Result>) => {
  type Waiting = {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  };
  const queue: Waiting[] = [];
  let runs = 0;

  const runGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const results = await run(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };

  const drain = async (): Promise<void> => {
    // What came with the same turn of the event loop goes along.
    await nextTurn();
    while (queue.length > 0) await runGroup(queue.splice(0, maxItems));
    runs -= 1;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (runs >= maxRuns) return;
      runs += 1;
      void drain();
    });
};
