/** Where a client gets its bearer token from. */
export type Credentials = {
  /** The token for the next request; undefined to send none. */
  readonly token: () => string | undefined | Promise<string | undefined>;
  /**
   * Told that a token was refused (401). True when `token` answers another one now, and the request, which had no effect,
   * is worth sending again; it is sent again once.
   */
  readonly renew?: (refused: string) => Promise<boolean>;
};

/** An API key's secret. */
export const apiKey = (secret: string): Credentials => ({ token: () => secret });
