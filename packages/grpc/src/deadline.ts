import type { Limits } from "./host.ts";

/** Timers fire up to a millisecond early, and two clocks round apart. */
const TOLERANCE_MS = 5;
/** Longest that a timer can wait: 2^31 - 1 ms, some 24 days. */
const FOREVER_MS = 2_147_483_647;

/** Until when a unary call may take, in epoch milliseconds: as its client asked, within the limits. */
export const unaryDeadlineMs = (asked: Date | number, nowMs: number, limits: Limits): number => {
  const askedMs = Number(asked);
  return Number.isFinite(askedMs) ? Math.min(askedMs, nowMs + limits.maxDeadlineMs) : nowMs + limits.defaultDeadlineMs;
};

/** Until when a stream may take: as its client asked, or for good. */
export const streamDeadlineMs = (asked: Date | number, nowMs: number): number =>
  Math.min(Number(asked), nowMs + FOREVER_MS);

export const hasPassed = (deadlineMs: number): boolean => Date.now() + TOLERANCE_MS >= deadlineMs;
