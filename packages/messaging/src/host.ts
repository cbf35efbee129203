/** What the process lends this package: pino's logger fits `log`; `now` is the only clock that stored dates come from. */
export type Host = {
  readonly now: () => Date;
  readonly log: Log;
};

/** Fields first, as pino takes them; they hold ids and counts, never personal data. */
export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
