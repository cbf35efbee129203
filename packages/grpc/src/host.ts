import type { Histogram } from "@opentelemetry/api";
import type { Access } from "@keynode/auth/access";
import type { Verify } from "@keynode/auth/verifier";
import type { ErrorTable } from "@keynode/decider/error-table";
import type { Logger } from "@keynode/telemetry/logger";
import type { OnSensitiveRead } from "./masking/sensitive-read.ts";

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

export const defaultLimits: Limits = {
  maxConcurrentCalls: 1_000,
  maxConcurrentStreams: 256,
  /** The gateway takes batches of 10 MiB. */
  maxMessageBytes: 12 * 1024 * 1024,
  defaultDeadlineMs: 10_000,
  maxDeadlineMs: 60_000,
};

/** What all calls of one server share. */
export type Host = {
  readonly verify: Verify;
  readonly access: Access;
  readonly errors: ErrorTable;
  readonly onSensitiveRead: OnSensitiveRead | undefined;
  readonly log: Logger;
  readonly limits: Limits;
  readonly duration: Histogram;
  /** Unary calls whose handler still runs, also those whose caller has been answered already. */
  calls: number;
  /** One for each open stream, to stop it when the server drains. */
  readonly streams: Set<AbortController>;
  draining: boolean;
};
