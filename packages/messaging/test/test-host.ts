import type { Host, Log } from "../src/host.ts";

export type LogLine = { readonly level: keyof Log; readonly message: string; readonly fields: object };

export type TestHost = Host & {
  readonly lines: LogLine[];
  /** Moves the clock ahead. */
  advance(ms: number): void;
};

/** A host whose log can be looked at and whose clock can be moved. */
export const testHost = (): TestHost => {
  const lines: LogLine[] = [];
  let aheadMs = 0;
  const at = (level: keyof Log) => (fields: object, message: string) => void lines.push({ level, message, fields });
  return {
    now: () => new Date(Date.now() + aheadMs),
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    lines,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
};

export const mongoOptions = { retryWrites: false, useBigInt64: true, ignoreUndefined: true, maxPoolSize: 20 };

/** The one aggregate of the services under test. */
export const recordsCollection = "leads";
export const recordKind = "lead";
