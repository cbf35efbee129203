import { context, trace } from "@opentelemetry/api";
import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from "pino";
import { REDACTED_KEYS, scrub } from "./personal.ts";

export type Logger = PinoLogger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export type LoggerOptions = {
  /** Goes out as `service`. */
  readonly name: string;
  readonly level: LogLevel;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
};

/**
 * JSON lines with ISO time, the level's name, and the active trace and span. Personal fields are
 * redacted, and an error is written as its type, code, message, stack and cause only: drivers hang
 * whole documents on their errors.
 */
export const logger = ({ name, level, destination }: LoggerOptions): Logger => {
  const options = {
    level,
    base: { service: name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: traceIds,
    serializers: { err: errorFields, error: errorFields },
    redact: { paths: REDACTED_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "[redacted]" },
  };
  return destination ? pino(options, destination) : pino(options);
};

const traceIds = (): { trace_id?: string; span_id?: string } => {
  const active = trace.getSpanContext(context.active());
  return active === undefined ? {} : { trace_id: active.traceId, span_id: active.spanId };
};

type ErrorFields = { type: string; message: string; code?: string | number; stack?: string; cause?: unknown };

const MAX_CAUSES = 5;

const errorFields = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error)) return typeof error === "string" ? scrub(error) : error;
  const fields: ErrorFields = { type: error.name, message: scrub(error.message) };
  if ("code" in error && (typeof error.code === "string" || typeof error.code === "number")) fields.code = error.code;
  if (error.stack !== undefined) fields.stack = scrub(error.stack);
  if (error.cause !== undefined && depth < MAX_CAUSES) fields.cause = errorFields(error.cause, depth + 1);
  return fields;
};
