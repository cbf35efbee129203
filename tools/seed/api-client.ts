import { setTimeout as delay } from "node:timers/promises";

/** The API refused a call, or could not be reached for longer than the retries last. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export type ApiOptions = {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Longest wait for one answer. */
  readonly timeoutMs?: number;
  /** Tries of one call, the first included. */
  readonly maxAttempts?: number;
  /** Upper bounds of the pause before the second try and before any: each pause doubles, a random part is taken off. */
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
  readonly signal?: AbortSignal;
};

/** Calls of the public API that are repeated while it is busy or away. All answer the parsed JSON body. */
export type Api = {
  get(path: string): Promise<unknown>;
  /** The key makes a repeat the same call, also one whose answer was lost. */
  post(path: string, body: object, idempotencyKey: string): Promise<unknown>;
  patch(path: string, body: object, idempotencyKey: string): Promise<unknown>;
};

/** Answers that say nothing about the request itself. */
const transient = new Set([429, 502, 503, 504]);
const shownLength = 600;

/** Seconds of a Retry-After header (RFC 9110 §10.2.3, the form the gateway sends) in milliseconds. */
const retryAfterMs = (response: Response): number => {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
};

const parsed = (call: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(`${call}: the answer is not JSON: ${text.slice(0, shownLength)}`, 200, { cause: error });
  }
};

/** Opens the API. Throws ApiError on a refusal at once, and on trouble of the way when the tries are used up. */
export const openApi = ({
  baseUrl,
  apiKey,
  timeoutMs = 60_000,
  maxAttempts = 8,
  firstPauseMs = 250,
  maxPauseMs = 10_000,
  signal,
}: ApiOptions): Api => {
  const pause = async (attempt: number, atLeastMs: number): Promise<void> => {
    const bound = Math.min(maxPauseMs, firstPauseMs * 2 ** (attempt - 1));
    await delay(Math.max(Math.min(atLeastMs, maxPauseMs), bound * (0.5 + Math.random() / 2)), undefined, { signal });
  };

  const call = async (method: string, path: string, request: RequestInit): Promise<unknown> => {
    for (let attempt = 1; ; attempt += 1) {
      const limits = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
      let waitMs = 0;
      let trouble: ApiError;
      try {
        const response = await fetch(new URL(path, baseUrl), { ...request, method, signal: AbortSignal.any(limits) });
        const text = await response.text();
        if (response.ok) return parsed(`${method} ${path}`, text);
        trouble = new ApiError(`${method} ${path}: ${response.status} ${text.slice(0, shownLength)}`, response.status);
        if (!transient.has(response.status)) throw trouble;
        waitMs = retryAfterMs(response);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ApiError) throw error;
        trouble = new ApiError(`${method} ${path}: no answer from ${baseUrl}`, undefined, { cause: error });
      }
      if (attempt >= maxAttempts) throw trouble;
      await pause(attempt, waitMs);
    }
  };

  const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" };
  const write = (method: string, path: string, body: object, idempotencyKey: string): Promise<unknown> =>
    call(method, path, {
      headers: { ...headers, "content-type": "application/json", "idempotency-key": idempotencyKey },
      body: JSON.stringify(body),
    });
  return {
    get: (path) => call("GET", path, { headers }),
    post: (...request) => write("POST", ...request),
    patch: (...request) => write("PATCH", ...request),
  };
};
