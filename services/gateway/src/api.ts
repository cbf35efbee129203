import { attribute, metric } from "@keynode/telemetry/attributes";
import { durationHistogram } from "@keynode/telemetry/duration-histogram";
import type { Logger } from "@keynode/telemetry/logger";
import { failSpan, startSpan } from "@keynode/telemetry/span";
import type { RequestHandler } from "express";
import type { AccessLog } from "./access-log.ts";
import type { Cors } from "./cors.ts";
import { type Exchange, openExchange, sendRefusal } from "./exchange.ts";
import { refuse } from "./problem.ts";
import type { Endpoint } from "./transcoder/endpoint.ts";
import type { PathDialect } from "./transcoder/path-dialect.ts";
import type { RouteTrie } from "./transcoder/route-trie.ts";

/**
 * Serves every route of the contract; what is none of them is left to the handlers behind, but for paths among routes of a
 * dialect, whose clients are refused in it.
 */
export const createApi = (
  routes: RouteTrie<Endpoint>,
  dialectOf: PathDialect,
  cors: Cors,
  log: Logger,
  logAccess: AccessLog | undefined,
): RequestHandler => {
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
    exchange.trace = started;
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
      logAccess?.(exchange, template, durationMs, span.spanContext().traceId);
    });
    void endpoint.serve(exchange, segments).catch((error: unknown) => {
      const { requestId } = exchange;
      log.error({ err: error, requestId, trace_id: span.spanContext().traceId }, "request failed");
      failSpan(span, error);
      sendRefusal(exchange, refuse("INTERNAL", exchange.locale));
    });
  };

  return (request, response, next) => {
    const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
    const exchange = openExchange(request, response, cors);
    const { path, locale } = exchange;
    const found = findRoute(routes, method, path);
    if (typeof found === "object" && found.kind === "route") {
      serve(exchange, found.route, found.segments);
      return;
    }
    const dialect = dialectOf(path);
    if (dialect !== undefined) exchange.dialect = dialect;
    if (found === "malformed") {
      sendRefusal(exchange, refuse("INVALID_PATH", locale));
    } else if (found === undefined) {
      if (dialect === undefined) next();
      else sendRefusal(exchange, refuse("ROUTE_NOT_FOUND", locale));
    } else {
      const allow = allowed(found.methods);
      if (method === "OPTIONS") {
        const preflight = cors.preflightFor(request.headers.origin, allow);
        response.writeHead(204, { ...exchange.headers, allow, ...preflight }).end();
      } else sendRefusal(exchange, refuse("METHOD_NOT_ALLOWED", locale, { metadata: { allow }, headers: { allow } }));
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
