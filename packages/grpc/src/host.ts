import type { Histogram } from "@opentelemetry/api";
import type { Access } from "@keynode/auth/access";
import type { Principal } from "@keynode/auth/principal";
import type { Verify } from "@keynode/auth/verifier";
import type { DomainError } from "@keynode/decider/domain-error";
import type { ErrorTable } from "@keynode/decider/error-table";
import type { FieldSource } from "@keynode/fields/field-set";
import type { Logger } from "@keynode/telemetry/logger";
import type { Call, Written } from "./call.ts";
import type { OnSensitiveRead } from "./masking/sensitive-read.ts";
import type { Origin } from "@keynode/telemetry/origin";
import type { FilterReadable } from "./references.ts";
import type { Vocabularies } from "./vocabularies.ts";

export type Limits = {
  /** Unary calls being handled at once; one more is refused with OVERLOADED. */
  readonly maxConcurrentCalls: number;
  /** Server streams open at once. */
  readonly maxConcurrentStreams: number;
  /** Largest request and largest response message. */
  readonly maxMessageBytes: number;
  /** Of a unary call whose client sent no deadline. */
  readonly defaultDeadlineMs: number;
  /** Of a unary call, whatever its client asks for. A stream lasts as long as its client wants. */
  readonly maxDeadlineMs: number;
};

/** A call whose caller is known and may not make it. */
export type DeniedCall = {
  readonly principal: Principal;
  /** Full name of the method. */
  readonly method: string;
  readonly origin: Origin;
  readonly refusal: DomainError;
};

export const defaultLimits: Limits = {
  maxConcurrentCalls: 1_000,
  maxConcurrentStreams: 256,
  /** The gateway takes batches of 10 MiB. */
  maxMessageBytes: 12 * 1024 * 1024,
  defaultDeadlineMs: 10_000,
  maxDeadlineMs: 60_000,
};

/** How reads see what their caller wrote before, wherever it was. */
export type Consistency = {
  /** What an answer carries for whoever reads afterwards; undefined when nothing was written. */
  readonly tokenOf: (written: readonly Written[]) => string | undefined;
  /** Waits until what the call reads has seen the changes. Errors: INVALID_CONSISTENCY_TOKEN, PROJECTION_LAGGING. */
  readonly awaitToken: (token: string, call: Call) => Promise<DomainError | undefined>;
};

/** What all calls of one server share. */
export type Host = {
  readonly verify: Verify;
  readonly access: Access;
  /** Undefined: whether callers may read the records that they name is not asked. */
  readonly filterReadable: FilterReadable | undefined;
  readonly errors: ErrorTable;
  readonly onSensitiveRead: OnSensitiveRead | undefined;
  /** The fields that tenants have given the records told of; undefined where none take any. */
  readonly fields: FieldSource | undefined;
  /** Told of every call that is refused for want of a right; it may not wait. */
  readonly onDenied: ((denied: DeniedCall) => void) | undefined;
  /** Undefined: tokens are neither made nor waited for. */
  readonly consistency: Consistency | undefined;
  /** Whether what a handler threw says that the service's own store is away. */
  readonly isStoreAway: (error: unknown) => boolean;
  /** Undefined: values of vocabularies are not judged. */
  readonly vocabularies: Vocabularies | undefined;
  readonly log: Logger;
  readonly limits: Limits;
  readonly duration: Histogram;
  /** Unary calls whose handler still runs, also those whose caller has been answered already. */
  calls: number;
  /** One for each unary call that has no answer yet, to end it when the server's time to drain is up. */
  readonly unanswered: Set<() => void>;
  /** One for each open stream, to stop it when the server drains. */
  readonly streams: Set<AbortController>;
  draining: boolean;
};
