/** Raised when a key's queue is full; the caller should answer UNAVAILABLE. */
export class QueueFull extends Error {
  constructor(limit: number) {
    super(`more than ${limit} commands wait for one record`);
  }
}

/**
 * Runs tasks of one key one after another and tasks of different keys side by side, so that commands
 * on a busy record queue in this process instead of losing compare-and-set races to each other.
 */
export const keyedQueue = (limit: number) => {
  const queues = new Map<string, { tail: Promise<unknown>; length: number }>();

  return async <Result>(key: string, task: () => Promise<Result>): Promise<Result> => {
    const queue = queues.get(key) ?? { tail: Promise.resolve(), length: 0 };
    if (queue.length >= limit) throw new QueueFull(limit);
    queues.set(key, queue);
    queue.length += 1;
    const turn = queue.tail.then(task);
    queue.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) queues.delete(key);
    }
  };
};
