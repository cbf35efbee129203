import { STATUS_CODES } from "node:http";
import type { Locale } from "@keynode/decider/error-table";
import type { CodeName, ReportedViolation, StatusDetails } from "@keynode/grpc/status";
import { CODE_STATUS, httpReason, type Reason, reasonOfCode, statusOfRefusal } from "./problem-reasons.ts";

/** One wrong place in what the client sent. */
export type FieldError = {
  /** JSON pointer into the body (`#/amount/units`), or the name of a parameter or header. */
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  /** Proto path of the field in the request message. */
  readonly field?: string;
  readonly code: string;
  readonly message: string;
};

/** Why a request is not answered as asked. */
export type Refusal = {
  readonly status: number;
  readonly reason: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
};

/** `application/problem+json` (RFC 9457). */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** The reason, a word that programs act on. */
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  readonly metadata?: Readonly<Record<string, string>>;
};

type Extras = Partial<Pick<Refusal, "errors" | "metadata" | "headers">>;

/** A refusal of the gateway's own. */
export const refuse = (reason: Reason, locale: Locale, extras: Extras = {}): Refusal => {
  const { errors = [], metadata = {}, headers = {} } = extras;
  const { status, message } = httpReason(reason);
  return {
    status,
    reason,
    detail: filled(message[locale], metadata),
    errors,
    metadata,
    headers: { ...standardHeaders(status, undefined), ...headers },
  };
};

const filled = (text: string, metadata: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (placeholder, name: string) => metadata[name] ?? placeholder);

/** What ended a call: its code and the details that came with it. */
export type CallStatus = { readonly code: CodeName; readonly details: StatusDetails };

/**
 * A call's status as refusal. `locate` finds in the client's words the field that a service named.
 * What is no refusal of ours tells nothing: neither a fault's text nor a library's.
 */
export const refusalOfStatus = (
  { code, details }: CallStatus,
  locale: Locale,
  locate: (field: string) => Pick<FieldError, "field" | "pointer" | "parameter">,
): Refusal => {
  const { reason, metadata, retryDelayMs } = details;
  if (reason === undefined || CODE_STATUS[code] === 500) {
    const status = CODE_STATUS[code];
    return { ...refuse(reasonOfCode(code), locale), status, headers: standardHeaders(status, retryDelayMs) };
  }
  const status = statusOfRefusal(code, reason);
  return {
    status,
    reason,
    detail: details.localized?.message ?? reason,
    errors: details.violations.map((violation) => fieldError(violation, locate)),
    metadata,
    headers: standardHeaders(status, retryDelayMs),
  };
};

const fieldError = (
  { field, reason, description }: ReportedViolation,
  locate: (field: string) => Pick<FieldError, "field" | "pointer" | "parameter">,
): FieldError => ({ ...locate(field), code: reason, message: description });

const DEFAULT_RETRY_MS = 1_000;

/** Headers that a status calls for by RFC 9110: when to come back, how to authenticate. */
const standardHeaders = (status: number, retryDelayMs: number | undefined): Record<string, string> => {
  if (status === 429 || status === 503) {
    return { "retry-after": String(Math.max(1, Math.ceil((retryDelayMs ?? DEFAULT_RETRY_MS) / 1_000))) };
  }
  return status === 401 ? { "www-authenticate": 'Bearer realm="keynode"' } : {};
};

export const PROBLEM_TYPE = "application/problem+json";

/** The body of a refusal. `instance` is the path asked for, without its query. */
export const problemOf = (refusal: Refusal, requestId: string, instance: string): Problem => ({
  type: `/problems/${refusal.reason}`,
  title: STATUS_CODES[refusal.status] ?? (refusal.status === 499 ? "Client Closed Request" : "Error"),
  status: refusal.status,
  detail: refusal.detail,
  instance,
  code: refusal.reason,
  requestId,
  ...(refusal.errors.length > 0 && { errors: refusal.errors }),
  ...(Object.keys(refusal.metadata).length > 0 && { metadata: refusal.metadata }),
});
