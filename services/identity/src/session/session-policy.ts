/** How long sessions of a tenant last. */
export type SessionPolicy = {
  /** Without a refresh. */
  readonly idleMs: number;
  /** At most. */
  readonly absoluteMs: number;
};

/** When a session that began at `begun` ends unless it is used after `now`. */
export const expiryOf = ({ idleMs, absoluteMs }: SessionPolicy, begun: Date, now: Date): Date =>
  new Date(Math.min(now.getTime() + idleMs, begun.getTime() + absoluteMs));
