import { boundedCache } from "@keynode/auth/bounded-cache";

/**
 * Finished answers, each good for as long as the revision that it was made at is the newest. Whoever asks reads the
 * revision first. Of one key, one computation runs at a time: who finds one under way that began too early waits and
 * shares the next, so that changes without end cost one computation after the other and keep nobody waiting for a third.
 */
export type ReportCache = <Answer extends object>(
  key: string,
  revision: number,
  compute: () => Promise<Answer>,
) => Promise<Answer>;

type Entry = { readonly revision: number; readonly answer: Promise<object>; isRunning: boolean };

export const reportCache = (limit: number): ReportCache => {
  const entries = boundedCache<Entry>(limit);

  const start = <Answer extends object>(key: string, revision: number, answer: Promise<Answer>): Promise<Answer> => {
    const entry: Entry = { revision, answer, isRunning: true };
    entries.set(key, entry);
    const ended = (): void => void (entry.isRunning = false);
    answer.then(ended, () => {
      ended();
      if (entries.get(key) === entry) entries.delete(key);
    });
    return answer;
  };

  return async <Answer extends object>(key: string, revision: number, compute: () => Promise<Answer>) => {
    for (;;) {
      const entry = entries.get(key);
      // A key names its kind of answer.
      if (entry && entry.revision >= revision) return await (entry.answer as Promise<Answer>);
      if (!entry?.isRunning) return await start(key, revision, compute());
      await entry.answer.catch(() => undefined);
    }
  };
};
