import { type SpanContext, TraceFlags } from "@opentelemetry/api";

/** W3C Trace Context, version 00 as we write it; higher versions are read as the specification demands. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** The span that a traceparent names, or undefined when the text is not one. */
export const parseTraceparent = (text: string): SpanContext | undefined => {
  const match = TRACEPARENT.exec(text);
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, rest] = match;
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === "00" && rest !== undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
};

export const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  (traceFlags & TraceFlags.SAMPLED) === 0 ? `00-${traceId}-${spanId}-00` : `00-${traceId}-${spanId}-01`;
