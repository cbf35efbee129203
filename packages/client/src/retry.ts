/** How often, and how patiently, a request is sent again. */
export type RetryPolicy = {
  /** How many times at most, after the first; 0 for never. */
  readonly retries: number;
  /** Half of the average wait before the first repeat; it doubles with each further one. */
  readonly baseMs: number;
  /** No wait is longer, and what the API asks to wait for longer is not waited for. */
  readonly maxMs: number;
};

export const defaultRetries: RetryPolicy = { retries: 3, baseMs: 100, maxMs: 30_000 };

/** Statuses by which the API says that nothing happened and that it is worth trying again. */
export const isWorthRepeating = (status: number): boolean => status === 429 || status === 503;

/** Full jitter (each client another wait) on top of what the API asked for; undefined when that is too long. */
export const waitMs = (
  { baseMs, maxMs }: RetryPolicy,
  attempt: number,
  retryAfterMs: number,
  random: () => number,
): number | undefined => {
  if (retryAfterMs > maxMs) return undefined;
  return Math.min(maxMs, retryAfterMs + random() * baseMs * 2 ** attempt);
};

/** Milliseconds of a `Retry-After` field: seconds, or a date (RFC 9110 §10.2.3). */
export const retryAfterMs = (field: string | null, nowMs: number): number | undefined => {
  if (field === null) return undefined;
  const ms = /^\d+$/.test(field) ? Number(field) * 1_000 : Date.parse(field) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};
