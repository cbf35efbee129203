import { gather } from "./gather.ts";

/**
 * Writes items in groups, one write at a time: see `gather`. If a group fails, each of its items is written alone, so
 * that one bad item fails alone; a write must bear being repeated.
 */
export const grouped = <Item>(
  write: (items: readonly Item[]) => Promise<void>,
  maxItems: number,
): ((item: Item) => Promise<void>) => {
  type Failure = { readonly error: unknown } | undefined;

  const attempt = (items: readonly Item[]): Promise<Failure> =>
    write(items).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );

  const add = gather<Item, Failure>(
    async (items) => {
      const failure = await attempt(items);
      if (items.length === 1 || failure === undefined) return items.map(() => failure);
      const alone: Failure[] = [];
      for (const item of items) alone.push(await attempt([item]));
      return alone;
    },
    { maxItems },
  );

  return async (item) => {
    const failure = await add(item);
    if (failure !== undefined) throw failure.error;
  };
};
