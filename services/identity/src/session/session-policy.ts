/** How long sessions of a tenant last. */
export type SessionPolicy = {
  /** Without a refresh. */
  readonly idleMs: number;
  /** At most. */
  readonly absoluteMs: number;
};

const hourMs = 3_600_000;

/** A working day and some without use, a week at most. */
export const defaultSessionPolicy: SessionPolicy = { idleMs: 12 * hourMs, absoluteMs: 7 * 24 * hourMs };

/** When a session that began at `begun` ends unless it is used after `now`. */
export const expiryOf = ({ idleMs, absoluteMs }: SessionPolicy, begun: Date, now: Date): Date =>
  new Date(Math.min(now.getTime() + idleMs, begun.getTime() + absoluteMs));
