import { type DestinationStream, pino, stdTimeFunctions } from "pino";
import type { Logger, LogLevel } from "./logger.ts";

export type AccessLoggerOptions = {
  /** Goes out as `service`. */
  readonly name: string;
  readonly level: LogLevel;
  /** Default: standard output, written in blocks. */
  readonly destination?: DestinationStream;
};

/** Bytes that wait before they are written, and how long they wait at most. */
const BLOCK_BYTES = 8 * 1024;
const FLUSH_MS = 250;

/**
 * For one line per request: the same lines as `logger` writes, but nothing is redacted and lines are
 * written in blocks, since both would cost as much as the request. Its caller passes fields that hold
 * nothing personal by construction, the trace id among them. Lines of the last quarter second are
 * lost when the process is killed; `flush` writes them before an orderly end.
 */
export const accessLogger = ({ name, level, destination }: AccessLoggerOptions): Pick<Logger, "info" | "flush"> =>
  pino(
    {
      level,
      base: { service: name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 1, sync: false, minLength: BLOCK_BYTES, periodicFlush: FLUSH_MS }),
  );
