/** One line of progress for people. */
export type Log = (line: string) => void;

/** A server that runs. */
export type Running = {
  readonly url: string;
  readonly version: string;
  /** Settles when the server has ended, wanted or not. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
  /** Ends it as a crash would, at once and without a chance to write. */
  readonly kill: () => Promise<void>;
};

/** Starts the server; called again after its end, it serves the same data at the same address. Throws when it does not become ready. */
export type Launch = () => Promise<Running>;

/** One way to get a server. */
export type Source = {
  /** Shown to people, for example `mongod on PATH`. */
  readonly kind: string;
  /** Sources of one family read each other's data folder. */
  readonly family: string;
  /** Finds or downloads what is needed. Throws, saying in a sentence why this way is closed. */
  readonly prepare: () => Promise<Launch>;
};

/** What a source may use. `folder` is the engine's own part of the data folder. */
export type Setup = {
  readonly folder: string;
  /** Undefined for any free one. */
  readonly port: number | undefined;
  /** The data is of no use after the engine's stop. */
  readonly temporary: boolean;
  readonly log: Log;
};
