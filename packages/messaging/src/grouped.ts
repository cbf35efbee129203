import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Group commit: items that come while a write is under way go out together with the next one, so that load makes groups
 * and rest adds no wait. One write at a time. If a group fails, each of its items is written alone, so that one bad item
 * fails alone.
 */
export const grouped = <Item>(
  write: (items: readonly Item[]) => Promise<void>,
  maxItems: number,
): ((item: Item) => Promise<void>) => {
  type Waiting = { readonly item: Item; readonly resolve: () => void; readonly reject: (error: unknown) => void };
  const queue: Waiting[] = [];
  let writing = false;

  const writeAlone = async ({ item, resolve, reject }: Waiting): Promise<void> => {
    await write([item]).then(resolve, reject);
  };

  const writeGroup = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await write(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const waiting of group) await writeAlone(waiting);
    }
  };

  const drain = async (): Promise<void> => {
    writing = true;
    await nextTurn();
    while (queue.length > 0) await writeGroup(queue.splice(0, maxItems));
    writing = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (!writing) void drain();
    });
};
