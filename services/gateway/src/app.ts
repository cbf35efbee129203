import type { Logger } from "@keynode/telemetry/logger";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import helmet from "helmet";
import type { Cors } from "./cors.ts";
import { openExchange, sendRefusal } from "./exchange.ts";
import { refuse } from "./problem.ts";

export type AppOptions = {
  readonly api: RequestHandler;
  readonly pages: RequestHandler;
  readonly cors: Cors;
  readonly trustedProxies: number;
  /** False before the gateway listens and once it is stopping. */
  readonly isReady: () => boolean;
  readonly log: Logger;
};

/** The Express application: the API first, since nearly every request is its. */
export const createApp = ({ api, pages, cors, trustedProxies, isReady, log }: AppOptions): Express => {
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
  app.use(notFound(cors));
  app.use(faultHandler(cors, log));
  return app;
};

const notFound =
  (cors: Cors): RequestHandler =>
  (request, response) => {
    const exchange = openExchange(request, response, cors);
    sendRefusal(exchange, refuse("ROUTE_NOT_FOUND", exchange.locale));
  };

const faultHandler =
  (cors: Cors, log: Logger): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const exchange = openExchange(request, response, cors);
    log.error({ err: error, requestId: exchange.requestId }, "request failed");
    sendRefusal(exchange, refuse("INTERNAL", exchange.locale));
  };
