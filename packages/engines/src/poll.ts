import { setTimeout as delay } from "node:timers/promises";

/** Asks again every `everyMs` until the answer is not undefined; undefined when `timeoutMs` have passed. */
export const poll = async <Answer>(
  ask: () => Answer | undefined | Promise<Answer | undefined>,
  { timeoutMs, everyMs = 25 }: { timeoutMs: number; everyMs?: number },
): Promise<Answer | undefined> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || Date.now() >= deadline) return answer;
    await delay(everyMs);
  }
};

/** True as soon as the condition holds, false when it did not in time. */
export const holds = async (
  condition: () => boolean | Promise<boolean>,
  limits: { timeoutMs: number; everyMs?: number },
): Promise<boolean> => (await poll(async () => ((await condition()) ? true : undefined), limits)) ?? false;
