import { randomUUID } from "node:crypto";
import type { Locale } from "@keynode/decider/error-table";
import { localeOf } from "@keynode/grpc/locale";
import type { Request, Response } from "express";
import type { StartedSpan } from "@keynode/telemetry/span";
import type { Cors } from "./cors.ts";
import { PROBLEM_TYPE, problemOf, type Refusal } from "./problem.ts";
import { SCIM_TYPE, scimErrorOf } from "./scim-error.ts";
import { apiSecurityHeaders } from "./security-headers.ts";

/** One request and its answer, and what every step wants to know of them. */
export type Exchange = {
  readonly request: Request;
  readonly response: Response;
  readonly requestId: string;
  readonly locale: Locale;
  /** Raw, without the query. */
  readonly path: string;
  /** Behind the question mark. */
  readonly query: string;
  readonly startedMs: number;
  /** Header fields of the answer, whatever it will be. */
  readonly headers: Record<string, string>;
  /** Run when the client hangs up before it was answered. */
  readonly cancels: Set<() => void>;
  /** The span of the whole exchange, once the route is known. */
  trace?: StartedSpan;
  /** Ids for the access log, once they are known. */
  tenant?: string;
  actor?: string;
  /** In whose words the client is refused; without one, in problem details. */
  dialect?: "SCIM";
  /** Why it was refused. */
  reason?: string;
};

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const SECURITY_HEADERS = apiSecurityHeaders();

/** Takes the client's request id over when it is one; it is said back with the answer. */
export const openExchange = (request: Request, response: Response, cors: Cors): Exchange => {
  const { headers, url } = request;
  const given = headers["x-request-id"];
  const requestId = typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
  const question = url.indexOf("?");
  const cancels = new Set<() => void>();
  response.once("close", () => {
    if (response.writableFinished) return;
    for (const cancel of cancels) cancel();
  });
  return {
    request,
    response,
    requestId,
    locale: localeOf(headers["accept-language"]),
    path: question < 0 ? url : url.slice(0, question),
    query: question < 0 ? "" : url.slice(question + 1),
    startedMs: performance.now(),
    headers: { ...SECURITY_HEADERS, ...cors.fieldsFor(headers.origin), "x-request-id": requestId },
    cancels,
  };
};

/** What is left of a body that nobody will read is read away for this long, so that its sender gets to read the answer. */
const DISCARD_MS = 2_000;

const discardBody = (request: Request): void => {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, DISCARD_MS);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
};

/** Answers with a problem, or in the words of the route's dialect, or ends the connection when the answer has begun already. */
export const sendRefusal = (exchange: Exchange, refusal: Refusal): void => {
  const { request, response, requestId, path, locale, headers } = exchange;
  discardBody(request);
  exchange.reason = refusal.reason;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const isScim = exchange.dialect === "SCIM";
  const body = Buffer.from(JSON.stringify(isScim ? scimErrorOf(refusal) : problemOf(refusal, requestId, path)));
  response.writeHead(refusal.status, {
    ...headers,
    ...refusal.headers,
    "content-type": isScim ? SCIM_TYPE : PROBLEM_TYPE,
    "content-length": body.length,
    "content-language": locale,
    "cache-control": "no-store",
  });
  response.end(body);
};

export const isRefusal = (value: object): value is Refusal => "reason" in value && "detail" in value;
