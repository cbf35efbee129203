import { status as codes, Metadata } from "@grpc/grpc-js";
import type { Span } from "@opentelemetry/api";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Locale } from "@keynode/decider/error-table";
import { attribute } from "@keynode/telemetry/attributes";
import { failSpanAs } from "@keynode/telemetry/span";
import type { Host } from "./host.ts";
import { Refusal } from "./refusal.ts";
import { RpcError } from "./rpc-error.ts";
import type { ServedMethod } from "./served-method.ts";
import { codeName, statusOf, statusTrailers } from "./status.ts";

/** How a call ended, as its caller is told; `reason` is told to the trace too. */
export type Ending = {
  readonly code: codes;
  readonly details: string;
  readonly metadata: Metadata;
  readonly reason?: string;
};

const NO_TRAILERS = new Metadata();

export const succeeded: Ending = { code: codes.OK, details: "OK", metadata: NO_TRAILERS };
/** The caller hung up: nobody is told. */
export const cancelled: Ending = { code: codes.CANCELLED, details: "Cancelled", metadata: NO_TRAILERS };
const fault: Ending = { code: codes.INTERNAL, details: "Internal error", metadata: NO_TRAILERS };

/** A refusal in the caller's language. A reason that no table knows is a fault of ours. */
export const refused = (host: Host, method: ServedMethod, error: DomainError, locale: Locale): Ending => {
  const status = statusOf(error, host.errors, locale);
  if (status === undefined) return faulted(host, method, new Error(`no error table knows the reason ${error.reason}`));
  return { code: status.code, details: status.message, metadata: statusTrailers(status), reason: error.reason };
};

/** What a handler threw. Another service that does not answer is no fault of this one, nor is a store that is away. */
export const thrown = (host: Host, method: ServedMethod, error: unknown, locale: Locale): Ending => {
  if (error instanceof Refusal) return refused(host, method, error.refusal, locale);
  const unanswered = error instanceof RpcError && (error.code === "UNAVAILABLE" || error.code === "DEADLINE_EXCEEDED");
  if (host.isStoreAway(error)) {
    host.log.warn({ err: error, method: method.name }, "the store that the call needs is away");
    return refused(host, method, reject("STORE_UNAVAILABLE"), locale);
  }
  if (!unanswered) return faulted(host, method, error);
  host.log.warn({ err: error, method: method.name }, "a service that the call needs did not answer");
  return refused(host, method, reject("UPSTREAM_UNAVAILABLE"), locale);
};

/** Logged once, with the trace id the log adds; nothing is told outside. */
const faulted = (host: Host, method: ServedMethod, error: unknown): Ending => {
  host.log.error({ err: error, method: method.name }, "call failed");
  return fault;
};

/** The codes that say the server failed, rather than its caller (OpenTelemetry RPC conventions). */
const SERVER_FAILURES: ReadonlySet<codes> = new Set([
  codes.UNKNOWN,
  codes.DEADLINE_EXCEEDED,
  codes.UNIMPLEMENTED,
  codes.INTERNAL,
  codes.UNAVAILABLE,
  codes.DATA_LOSS,
]);

/** Ends the call's span and counts its duration. */
export const record = (
  host: Host,
  { attributes }: ServedMethod,
  span: Span,
  startedMs: number,
  { code, reason }: Ending,
): void => {
  const name = codeName(code);
  host.duration.record((performance.now() - startedMs) / 1_000, { ...attributes, [attribute.rpcStatusCode]: name });
  if (span.isRecording()) {
    span.setAttribute(attribute.rpcStatusCode, name);
    if (reason !== undefined) span.setAttribute(attribute.reason, reason);
    if (SERVER_FAILURES.has(code)) failSpanAs(span, name);
    span.end();
  }
};
