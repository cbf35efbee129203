import type { Logger } from "@keynode/telemetry/logger";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { openExchange, sendRefusal } from "./exchange.ts";
import { refuse } from "./problem.ts";

export type AppOptions = {
  readonly api: RequestHandler;
  readonly pages: RequestHandler;
  readonly trustedProxies: number;
  /** False before the gateway listens and once it is stopping. */
  readonly isReady: () => boolean;
  readonly log: Logger;
};

/** The Express application: the API first, since nearly every request is its. CORS is off: no header, no other origin. */
export const createApp = ({ api, pages, trustedProxies, isReady, log }: AppOptions): Express => {
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false).set("trust proxy", trustedProxies);
  app.use(api);
  app.use(helmet());
  app.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/readyz", (_request, response) => {
    response.status(isReady() ? 200 : 503).json({ status: isReady() ? "ok" : "stopping" });
  });
  app.use(pages);
  app.use(notFound);
  app.use(faultHandler(log));
  return app;
};

const notFound: RequestHandler = (request, response) => {
  const exchange = openExchange(request, response);
  sendRefusal(exchange, refuse("ROUTE_NOT_FOUND", exchange.locale));
};

const faultHandler =
  (log: Logger): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const exchange = openExchange(request, response);
    log.error({ err: error, requestId: exchange.requestId }, "request failed");
    sendRefusal(exchange, refuse("INTERNAL", exchange.locale));
  };
