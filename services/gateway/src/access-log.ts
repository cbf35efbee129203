import type { accessLogger } from "@keynode/telemetry/access-logger";
import type { Exchange } from "./exchange.ts";

/** Writes one line for a request that has ended. */
export type AccessLog = (exchange: Exchange, route: string, durationMs: number, traceId: string) => void;

/** The route's template and ids only, never the path, the query or a body: they may name people. */
export const createAccessLog =
  (log: Pick<ReturnType<typeof accessLogger>, "info">): AccessLog =>
  ({ request, response, requestId, tenant, actor, reason }, route, durationMs, traceId) => {
    log.info(
      {
        trace_id: traceId,
        method: request.method,
        route,
        status: response.statusCode,
        durationMs: Math.round(durationMs * 10) / 10,
        requestId,
        tenant,
        actor,
        reason,
        aborted: response.writableFinished ? undefined : true,
      },
      "request",
    );
  };
