import { attribute, metric } from "@keynode/telemetry/attributes";
import { durationHistogram } from "@keynode/telemetry/duration-histogram";
import type { Logger } from "@keynode/telemetry/logger";
import { failSpan, runIn, startSpan } from "@keynode/telemetry/span";
import type { RequestHandler } from "express";
import { type Exchange, openExchange, sendRefusal } from "./exchange.ts";
import { refuse } from "./problem.ts";
import type { Endpoint } from "./transcoder/endpoint.ts";
import type { RouteTrie } from "./transcoder/route-trie.ts";

/** Serves every route of the contract; what is none of them is left to the handlers behind. */
export const createApi = (routes: RouteTrie<Endpoint>, log: Logger, isAccessLogged: boolean): RequestHandler => {
  const duration = durationHistogram(metric.httpServerDuration, "Duration of the requests that the gateway answered");

  const serve = (exchange: Exchange, endpoint: Endpoint, segments: readonly string[]): void => {
    const { request, response } = exchange;
    const { template } = endpoint;
    const method = request.method ?? "GET";
    const { traceparent } = request.headers;
    const attributes = { [attribute.httpMethod]: method, [attribute.httpRoute]: template };
    const started = startSpan({
      name: `${method} ${template}`,
      kind: "server",
      attributes,
      parent: typeof traceparent === "string" ? traceparent : undefined,
      root: true,
    });
    const { span } = started;
    response.once("close", () => {
      const status = response.statusCode;
      const durationMs = performance.now() - exchange.startedMs;
      duration.record(durationMs / 1_000, { ...attributes, [attribute.httpStatusCode]: status });
      if (span.isRecording()) {
        span.setAttribute(attribute.httpStatusCode, status);
        if (exchange.reason) span.setAttribute(attribute.reason, exchange.reason);
        if (status >= 500) failSpan(span, String(status));
        span.end();
      }
      if (isAccessLogged) logAccess(exchange, template, status, durationMs, span.spanContext().traceId);
    });
    void runIn(started, () => endpoint.serve(exchange, segments)).catch((error: unknown) => {
      log.error({ err: error, requestId: exchange.requestId }, "request failed");
      failSpan(span, error);
      sendRefusal(exchange, refuse("INTERNAL", exchange.locale));
    });
  };

  /** Never the query or a body: they may name people. */
  const logAccess = (exchange: Exchange, route: string, status: number, durationMs: number, traceId: string): void => {
    const { request, requestId, tenant, actor, reason, response } = exchange;
    log.info(
      {
        trace_id: traceId,
        method: request.method,
        route,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        requestId,
        tenant,
        actor,
        reason,
        ...(response.writableFinished ? undefined : { aborted: true }),
      },
      "request",
    );
  };

  return (request, response, next) => {
    const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
    const exchange = openExchange(request, response);
    const { path, locale } = exchange;
    const found = findRoute(routes, method, path);
    if (found === "malformed") {
      sendRefusal(exchange, refuse("INVALID_PATH", locale));
    } else if (found === undefined) {
      next();
    } else if (found.kind === "route") {
      serve(exchange, found.route, found.segments);
    } else {
      const allow = allowed(found.methods);
      if (method === "OPTIONS") response.writeHead(204, { allow }).end();
      else sendRefusal(exchange, refuse("METHOD_NOT_ALLOWED", locale, { metadata: { allow }, headers: { allow } }));
    }
  };
};

const findRoute = (routes: RouteTrie<Endpoint>, method: string, path: string) => {
  try {
    return routes.find(method, path);
  } catch (cause) {
    if (cause instanceof URIError) return "malformed";
    throw cause;
  }
};

const allowed = (methods: readonly string[]): string =>
  [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
