import type { Credentials } from "./credentials.ts";
import { type Deadline, pause, startDeadline } from "./deadline.ts";
import { ConnectionError, KeynodeError, type Problem } from "./errors.ts";
import { linesOf } from "./lines.ts";
import { type Page, type Pages, pagesOf } from "./pages.ts";
import { queryOf } from "./query.ts";
import { defaultRetries, isWorthRepeating, type RetryPolicy, retryAfterMs, waitMs } from "./retry.ts";

export type ClientOptions = {
  /** Where the gateway is, for example `https://crm.example.com`. */
  readonly baseUrl: string;
  /** Left out, only public methods can be called. */
  readonly credentials?: Credentials;
  /** Language of messages. */
  readonly locale?: "en" | "zh";
  /** How long a call may take, all its attempts together, unless it says otherwise. */
  readonly timeoutMs?: number;
  readonly retries?: Partial<RetryPolicy>;
  /** Sent with every request, for example a `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of every answer, refusals included, for logs and metrics. */
  readonly onAnswer?: (answer: AnswerInfo) => void;
  readonly fetch?: typeof fetch;
};

export type AnswerInfo = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The API's own id of the request. */
  readonly requestId: string | undefined;
  /** 1 for the first. */
  readonly attempt: number;
};

/** What a caller may say about one read. */
export type ReadOptions = {
  /** Ends the call; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Names the request in the API's logs, 1 to 128 of `\w.:-`; the API gives it one otherwise. */
  readonly requestId?: string;
  /** The change that the read must have seen, as `client.consistency()` names one; false for whatever is there. */
  readonly consistency?: string | false;
};

/** What a caller may say about one write. */
export type WriteOptions = Omit<ReadOptions, "consistency"> & {
  /** The record's etag: refused with ETAG_MISMATCH when it has changed since. */
  readonly ifMatch?: string;
  /** Left out, each call has a key of its own, so that its repeats have one effect. Give one to repeat across restarts. */
  readonly idempotencyKey?: string;
  /** Answers as if, and changes nothing; refused with VALIDATE_ONLY_NOT_OFFERED where that cannot be promised. */
  readonly validateOnly?: boolean;
};

/** A body that is no JSON, as `fetch` takes it; no stream, which could not be sent again. */
export type Content = Exclude<NonNullable<RequestInit["body"]>, ReadableStream>;

/** One request of the contract. */
export type Operation = {
  readonly verb: string;
  /** Filled in. */
  readonly path: string;
  readonly body?: unknown;
  /** Its media type, when it is no JSON. */
  readonly contentType?: string;
  /** Hands out a secret: a repeat is refused rather than answered, so it is sent once. */
  readonly isCredential?: boolean;
  /** Needs no token, and gets none. */
  readonly isPublic?: boolean;
};

/** Sends requests. The namespaces of `@keynode/client/api/…` are made of it. */
export type Client = {
  readonly call: <Answer>(operation: Operation, options?: object) => Promise<Answer>;
  /** An answer that is no JSON, as `fetch` gives it. */
  readonly raw: (operation: Operation, options?: object) => Promise<Response>;
  /** `rows` names the answer's one list. */
  readonly list: <Answer extends Page, Row>(
    path: string,
    rows: keyof Answer & string,
    options?: object,
  ) => Pages<Answer, Row>;
  /** Messages as they come. The time limit holds for the first one; leaving the loop hangs up. */
  readonly stream: <Message>(operation: Operation, options?: object) => AsyncIterable<Message>;
  /** Names the latest change that this client made; undefined before its first. Its reads see that change. */
  readonly consistency: () => string | undefined;
};

const DEFAULT_TIMEOUT_MS = 30_000;
const JSON_TYPE = "application/json";

/** All that a caller may say, whatever the method; what it does not know is the query's. */
type Options = ReadOptions & WriteOptions;

/** A client of one gateway, for one caller. It keeps no connection of its own and needs no closing. */
export const createClient = (clientOptions: ClientOptions): Client => {
  const { baseUrl, credentials, locale, onAnswer, timeoutMs: usualTimeoutMs = DEFAULT_TIMEOUT_MS } = clientOptions;
  const send = clientOptions.fetch ?? fetch;
  const base = baseUrl.replace(/\/+$/, "");
  const policy: RetryPolicy = { ...defaultRetries, ...clientOptions.retries };
  let latestChange: string | undefined;

  const headersOf = (operation: Operation, options: Options): Record<string, string> => {
    const { verb, body, contentType = JSON_TYPE } = operation;
    const headers: Record<string, string> = { ...clientOptions.headers };
    if (locale) headers["accept-language"] = locale;
    if (options.requestId) headers["x-request-id"] = options.requestId;
    if (body !== undefined) headers["content-type"] = contentType;
    if (verb === "GET") {
      const { consistency = latestChange } = options;
      if (consistency) headers["keynode-consistency"] = consistency;
    } else {
      headers["idempotency-key"] = options.idempotencyKey ?? newKey();
      if (options.ifMatch) headers["if-match"] = quoted(options.ifMatch);
      if (options.validateOnly) headers["keynode-validate-only"] = "true";
    }
    return headers;
  };

  /** The first answer that is none of those that only ask to come back. Its body is not read yet. */
  const exchange = async (operation: Operation, options: Options, deadline: Deadline): Promise<Response> => {
    const { verb, path, body, contentType, isCredential = false, isPublic = false } = operation;
    const { signal } = deadline;
    const headers = headersOf(operation, options);
    const url = base + path + queryOf(options);
    const payload = body === undefined ? null : contentType ? (body as Content) : JSON.stringify(body);
    const retries = isCredential ? 0 : policy.retries;
    let isRenewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const token = isPublic ? undefined : await credentials?.token();
      if (token) headers["authorization"] = `Bearer ${token}`;
      let response: Response | undefined;
      let failure: unknown;
      try {
        response = await send(url, { method: verb, headers, body: payload, signal });
      } catch (cause) {
        if (signal.aborted) throw signal.reason;
        failure = cause;
      }
      let askedMs = 0;
      if (response) {
        const { status } = response;
        onAnswer?.({
          method: verb,
          path,
          status,
          requestId: response.headers.get("x-request-id") ?? undefined,
          attempt,
        });
        if (status === 401 && token && !isRenewed && (await credentials?.renew?.(token))) {
          isRenewed = true;
          attempt -= 1;
          discard(response);
          continue;
        }
        if (!isWorthRepeating(status)) return response;
        askedMs = retryAfterMs(response.headers.get("retry-after"), Date.now()) ?? 0;
      }
      const wait = attempt > retries ? undefined : waitMs(policy, attempt, askedMs, Math.random);
      if (wait === undefined || Date.now() + wait >= deadline.atMs) {
        if (response) return response;
        throw new ConnectionError(attempt, failure);
      }
      if (response) discard(response);
      await pause(wait, signal);
    }
  };

  /**
   * Runs a call until `read` has what it wants of an answer that is no refusal. An open-ended answer goes on being read
   * afterwards: no time limit holds for it any more, but the caller's signal still ends it.
   */
  const answered = async <Answer>(
    operation: Operation,
    options: Options,
    read: (response: Response) => Answer | Promise<Answer>,
    isOpenEnded = false,
  ): Promise<Answer> => {
    const timeoutMs = options.timeoutMs ?? usualTimeoutMs;
    const deadline = startDeadline(timeoutMs, options.signal);
    try {
      const response = await exchange(operation, options, deadline);
      if (!response.ok) throw await refusal(response);
      if (operation.verb !== "GET") latestChange = response.headers.get("keynode-consistency") ?? latestChange;
      return await read(response);
    } catch (cause) {
      if (deadline.signal.aborted) throw deadline.signal.reason;
      // The answer broke off behind its head.
      throw cause instanceof TypeError ? new ConnectionError(1, cause) : cause;
    } finally {
      if (isOpenEnded) deadline.lift();
      else deadline.end();
    }
  };

  const call = <Answer>(operation: Operation, options: Options = {}): Promise<Answer> =>
    answered(operation, options, (response) => response.json() as Promise<Answer>);

  async function* stream<Message>(operation: Operation, options: Options = {}): AsyncGenerator<Message> {
    const hangUp = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, hangUp.signal]) : hangUp.signal;
    const body = await answered(operation, { ...options, signal }, ({ body: opened }) => opened, true);
    if (body === null) return;
    try {
      for await (const line of linesOf(body)) {
        const message = JSON.parse(line) as Message | { error: Problem };
        if (isFailure(message)) throw new KeynodeError(message.error);
        yield message;
      }
    } finally {
      hangUp.abort();
    }
  }

  return {
    call,
    raw: (operation, options = {}) => answered(operation, options, (response) => response, true),
    list: (path, rows, options: Options & { pageToken?: string } = {}) =>
      pagesOf(rows, (pageToken = options.pageToken) =>
        call({ verb: "GET", path }, { ...options, ...(pageToken !== undefined && { pageToken }) }),
      ),
    stream,
    consistency: () => latestChange,
  };
};

/** The last line of a stream that broke. A message with a field `error` of its own has no `code` and `status` in it. */
const isFailure = <Message>(message: Message | { error: Problem }): message is { error: Problem } => {
  if (typeof message !== "object" || message === null || !("error" in message)) return false;
  const { error } = message as { error: unknown };
  return typeof error === "object" && error !== null && "code" in error && "status" in error;
};

/** What a refusal says; a proxy's own page says nothing but its status. */
const refusal = async (response: Response): Promise<KeynodeError> => {
  const { status, statusText, headers } = response;
  const retryMs = retryAfterMs(headers.get("retry-after"), Date.now());
  const requestId = headers.get("x-request-id") ?? "";
  const text = await response.text();
  if (headers.get("content-type")?.startsWith("application/problem+json")) {
    return new KeynodeError(JSON.parse(text) as Problem, retryMs);
  }
  const detail = `the answer is ${status} ${statusText} and no problem of the API's`;
  return new KeynodeError({ type: "", title: statusText, status, detail, code: "UNKNOWN", requestId }, retryMs);
};

/** Frees the connection of an answer that nobody reads. */
const discard = ({ body }: Response): void => {
  body?.cancel().catch(() => undefined);
};

/** A UUID, or as many random bits where pages without TLS have no `crypto.randomUUID`. */
const newKey = (): string => {
  const { randomUUID }: { readonly randomUUID?: unknown } = crypto;
  if (randomUUID !== undefined) return crypto.randomUUID();
  const words = [...crypto.getRandomValues(new Uint32Array(4))];
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
};

/** An etag as records hold it becomes the strong tag that If-Match takes. */
const quoted = (etag: string): string => (etag === "*" || etag.startsWith('"') ? etag : `"${etag}"`);
