import type { Handler } from "./call.ts";

const handlers = new WeakSet<object>();

/**
 * Says of a handler that it can be tried without effect: all that it changes, it changes by one command of a store or by
 * nothing at all. A handler of which nobody says so is never run for a caller who only wants to know.
 */
export const dryRunnable = <Request, Response>(handler: Handler<Request, Response>): Handler<Request, Response> => {
  handlers.add(handler);
  return handler;
};

export const isDryRunnable = (handler: unknown): boolean => typeof handler === "function" && handlers.has(handler);
