import { randomUUID } from "node:crypto";
import { inject, vi } from "vitest";
import type {} from "./setup.ts";
import type { Access } from "./stack.ts";

/** A record, a page or a problem as the API answers it. */
export type Body = { readonly [field: string]: never };

export type Answer<Shape = Body> = { readonly status: number; readonly headers: Headers; readonly body: Shape };

export type Options = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
};

/** Whatever gets lost or waits: a journey that stands still fails within this time. */
const requestTimeoutMs = 15_000;
/** How long effects in other services may take on a busy machine. */
const effectTimeoutMs = 20_000;

/** Sends one request. */
export type Send = <Shape = Body>(method: string, path: string, options?: Options) => Promise<Answer<Shape>>;

/** Sends to the gateway, as any HTTP client does; nothing sent is tried again. */
export const sender =
  ({ baseUrl, apiKey }: Pick<Access, "baseUrl" | "apiKey">): Send =>
  async (method, path, { headers = {}, body } = {}) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      signal: AbortSignal.timeout(requestTimeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };

/** A client of the gateway. */
export const clientOf = (send: Send) => {
  /** The body of a call that must succeed; a failure shows its problem. */
  const must = async <Shape>(method: string, path: string, options?: Options): Promise<Shape> => {
    const answer = await send<Shape>(method, path, options);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  return {
    send,
    get: <Shape>(path: string) => must<Shape>("GET", path),
    post: <Shape>(path: string, body: unknown = {}) => must<Shape>("POST", path, { body }),
    patch: <Shape>(path: string, body: unknown) => must<Shape>("PATCH", path, { body }),
    delete: <Shape>(path: string) => must<Shape>("DELETE", path),
  };
};

export type Api = ReturnType<typeof clientOf>;

/** A client whose requests are sent once. */
export const apiOf = (access: Pick<Access, "baseUrl" | "apiKey">): Api => clientOf(sender(access));

/** The API of the run's shared installation, as its administrator. */
export const api = (): Api => apiOf(inject("access"));

/** Waits until `look` answers something that `check` accepts: effects in other services take moments. */
export const eventually = async <Value>(
  look: () => Promise<Value>,
  check: (value: Value) => void,
  timeoutMs = effectTimeoutMs,
): Promise<void> => {
  await vi.waitFor(async () => check(await look()), { timeout: timeoutMs, interval: 50 });
};

/** Part of a query string: `filter` with everything encoded. */
export const filter = (expression: string): string => `filter=${encodeURIComponent(expression)}`;

/** An e-mail address that nobody else in the run has. */
export const newEmail = (): string => `${randomUUID()}@example.com`;

/** A Chinese mobile number that nobody else in the run has. */
export const newPhone = (): string => `+86138${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
