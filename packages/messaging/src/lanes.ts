/** Runs a task in the lane of its key; resolves when it has run. The task must not reject. */
export type Lanes = (key: string, task: () => Promise<void>) => Promise<void>;

/** Tasks of one key run one after the other, those of others beside them; at most `width` at once. How many wait is the caller's to bound. */
export const lanes = (width: number): Lanes => {
  const tails = new Map<string, Promise<void>>();
  const blocked: (() => void)[] = [];
  let running = 0;

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

  return async (key, task) => {
    const turn = inTurn(tails.get(key), task);
    tails.set(key, turn);
    await turn;
    if (tails.get(key) === turn) tails.delete(key);
  };
};
