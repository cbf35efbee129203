import { setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "@keynode/messaging/backoff";
import { isContendedCommand } from "./fault.ts";

const maxAttempts = 6;
const backoff = { firstMs: 20, maxMs: 500 };

/**
 * Does a write of many rows, which can stand in another's way and be undone: it is done again, at most six times within
 * about a second and a half besides the writes themselves. It must bear being repeated. Throws what the last one met.
 */
export const contended = async <Result>(write: () => Promise<Result>): Promise<Result> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt + 1 === maxAttempts || !isContendedCommand(error)) throw error;
      await delay(backoffMs(attempt, backoff));
    }
  }
};
