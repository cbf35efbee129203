import { type Exchange, sendRefusal } from "../exchange.ts";
import { problemOf, type Refusal } from "../problem.ts";
import type { Framing } from "./stream-framing.ts";

/** An answer that is written bit by bit. What is said after its end is passed over. */
export type StreamAnswer = {
  /** Writes one framed item; `next` runs as soon as the client has room for another. */
  readonly send: (item: Buffer, next: () => void) => void;
  readonly end: () => void;
  /** Before anything was written this is a problem as any other; later the framing's own words. */
  readonly fail: (refusal: Refusal) => void;
};

/** A client that has heard nothing for this long gets at least the head of its answer. */
const HEAD_AFTER_MS = 1_000;
/** Well below the minute after which proxies commonly give up on a silent connection. */
const HEARTBEAT_MS = 15_000;

/** Reasons that only ask the client to come back, here or at another instance. */
const RETURNING: ReadonlySet<string> = new Set(["DEADLINE_EXCEEDED", "SHUTTING_DOWN"]);

/** Begins with its first item, or when there is none for a while. A HEAD request gets the head, and ends what would follow. */
export const openStreamAnswer = (exchange: Exchange, framing: Framing): StreamAnswer => {
  const { request, response, requestId, path, headers } = exchange;
  let isEnded = false;

  const finish = (last: string): void => {
    isEnded = true;
    clearTimeout(silence);
    response.end(last);
  };

  const begin = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, {
      ...headers,
      "content-type": framing.type,
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    if (request.method === "HEAD") {
      finish("");
      for (const cancel of exchange.cancels) cancel();
    } else if (framing.prologue !== "") {
      response.write(framing.prologue);
    }
  };

  const breakSilence = (): void => {
    begin();
    if (isEnded) return;
    if (framing.heartbeat !== undefined && !response.writableNeedDrain) response.write(framing.heartbeat);
    silence = setTimeout(breakSilence, HEARTBEAT_MS);
  };
  let silence = setTimeout(breakSilence, HEAD_AFTER_MS);
  response.once("close", () => {
    isEnded = true;
    clearTimeout(silence);
  });

  return {
    send: (item, next) => {
      if (isEnded) return;
      begin();
      if (isEnded) return;
      silence.refresh();
      if (response.write(item)) next();
      else response.once("drain", next);
    },
    end: () => {
      if (isEnded) return;
      begin();
      if (!isEnded) finish("");
    },
    fail: (refusal) => {
      if (isEnded) return;
      exchange.reason = refusal.reason;
      if (response.headersSent) {
        if (framing.failure === undefined) {
          isEnded = true;
          clearTimeout(silence);
          response.destroy();
          return;
        }
        const isQuiet = framing.isResumed && RETURNING.has(refusal.reason);
        finish(isQuiet ? "" : framing.failure(problemOf(refusal, requestId, path)));
        return;
      }
      isEnded = true;
      clearTimeout(silence);
      sendRefusal(exchange, refusal);
    },
  };
};
