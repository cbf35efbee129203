import { setTimeout as delay } from "node:timers/promises";

/** How long a command waits for a copy to hear of a record that may just have been made elsewhere. */
export const patienceMs = 2_000;
const firstPauseMs = 10;

/**
 * Looks in an own copy until the record is there or patience ends: events take moments to arrive, and a person who has
 * just made a record must not be told that there is none.
 */
export const awaitCopy = async <Row>(
  look: () => Promise<Row | null | undefined>,
  withinMs: number = patienceMs,
): Promise<Row | undefined> => {
  const until = performance.now() + withinMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    const row = await look();
    if (row !== null && row !== undefined) return row;
    if (performance.now() + pauseMs > until) return undefined;
    await delay(pauseMs);
  }
};
