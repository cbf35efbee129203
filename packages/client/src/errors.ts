/** One wrong place in what was sent. */
export type FieldProblem = {
  /** JSON pointer into the body (`#/amount/units`), or the name of a parameter or header. */
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  /** The field as the contract names it. */
  readonly field?: string;
  /** What is wrong, for programs. */
  readonly code: string;
  /** What is wrong, in the client's language. */
  readonly message: string;
};

/** The body of a refusal: `application/problem+json` (RFC 9457). */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly FieldProblem[];
  readonly metadata?: Readonly<Record<string, string>>;
};

/**
 * The API refused a request, or failed at it. `reason` says why, for programs: narrow it with the classes of
 * `@keynode/client/problems`. The message is for people, in the client's language.
 */
export class KeynodeError extends Error {
  override readonly name = "KeynodeError";
  /** HTTP status. */
  readonly status: number;
  readonly reason: string;
  /** Every wrong field at once; empty when no single field is to blame. */
  readonly fields: readonly FieldProblem[];
  /** What belongs to the reason, such as the id of another record. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Quote it when reporting a fault. */
  readonly requestId: string;
  /** When it is worth trying again, if the API said so. */
  readonly retryAfterMs: number | undefined;

  constructor({ status, detail, code, requestId, errors, metadata }: Problem, retryAfterMs?: number) {
    super(detail);
    this.status = status;
    this.reason = code;
    this.fields = errors ?? [];
    this.metadata = metadata ?? {};
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came: the gateway was not reached, or the connection broke. `cause` holds what `fetch` said. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** How many times the request was sent. */
  readonly attempts: number;

  constructor(attempts: number, cause: unknown) {
    super(`no answer after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`, { cause });
    this.attempts = attempts;
  }
}

/** A call, all its attempts together, took longer than its `timeoutMs`. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/** A KeynodeError whose reason, status and metadata are known. */
export type ProblemOf<Reason extends string, Status extends number, Metadata extends string> = KeynodeError & {
  readonly reason: Reason;
  readonly status: Status;
  readonly metadata: { readonly [Name in Metadata]?: string };
};

/** What stands on the right of `instanceof` to ask for one reason; nothing is made of it. */
export type ProblemClass<Reason extends string, Status extends number, Metadata extends string> = {
  readonly reason: Reason;
  [Symbol.hasInstance](value: unknown): value is ProblemOf<Reason, Status, Metadata>;
};

/** A class by reason rather than by prototype: whoever imports none of them ships none of them. */
export const problemClass = <Reason extends string, Status extends number, Metadata extends string = never>(
  reason: Reason,
): ProblemClass<Reason, Status, Metadata> => ({
  reason,
  [Symbol.hasInstance]: (value): value is ProblemOf<Reason, Status, Metadata> =>
    value instanceof KeynodeError && value.reason === reason,
});
