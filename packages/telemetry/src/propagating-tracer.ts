import { randomFillSync } from "node:crypto";
import {
  type Context,
  context,
  isSpanContextValid,
  type Span,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";

/** The part of a tracer that our own code uses. */
export type SpanStarter = Pick<Tracer, "startSpan">;

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const POOL_BYTES = (TRACE_ID_BYTES + SPAN_ID_BYTES) * 128;

/**
 * Records nothing. A span under a parent is the parent, so that whoever records further on hangs its
 * spans under one that is known; a span without a parent starts a trace with new random ids.
 */
export const propagatingTracer = (): SpanStarter => {
  const pool = Buffer.allocUnsafe(POOL_BYTES);
  let used = POOL_BYTES;

  const take = (sizeBytes: number): string => {
    used += sizeBytes;
    return pool.toString("hex", used - sizeBytes, used);
  };

  const newSpan = (): Span => {
    if (used + TRACE_ID_BYTES + SPAN_ID_BYTES > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    return trace.wrapSpanContext({
      traceId: take(TRACE_ID_BYTES),
      spanId: take(SPAN_ID_BYTES),
      traceFlags: TraceFlags.NONE,
    });
  };

  return {
    startSpan: (_name: string, options?: SpanOptions, at: Context = context.active()): Span => {
      const parent = options?.root ? undefined : trace.getSpan(at);
      return parent && isSpanContextValid(parent.spanContext()) ? parent : newSpan();
    },
  };
};
