import type { Exchange } from "../exchange.ts";
import { sendRefusal } from "../exchange.ts";
import { type CallStatus, problemOf, type Refusal } from "../problem.ts";
import type { StreamListener } from "../upstream/call.ts";
import type { JsonCodec } from "./json-codec.ts";
import type { Route } from "./routes.ts";

/** Newline-delimited JSON: one message a line. */
export const STREAM_TYPE = "application/x-ndjson";

const NEWLINE = Buffer.from("\n");

/**
 * Receives a stream for a client: each message a line, asked for as fast as the client reads. What
 * goes wrong before the first message is a problem as usual; later it is the last line, `{"error": …}`.
 */
export const createStreamSender = (route: Route, codec: JsonCodec) => {
  const render = codec.renderer(route.method.output);

  return (exchange: Exchange, refusalOf: (status: CallStatus) => Refusal): StreamListener => {
    const { response, requestId, path, headers } = exchange;
    const begin = (): void => {
      if (response.headersSent) return;
      response.writeHead(200, { ...headers, "content-type": STREAM_TYPE, "cache-control": "no-store" });
    };
    return {
      onMessage: (message, next) => {
        const line = render(message);
        begin();
        response.write(line);
        if (response.write(NEWLINE)) next();
        else response.once("drain", next);
      },
      onEnd: (status) => {
        if (status.code === "OK") {
          begin();
          response.end();
          return;
        }
        const refusal = refusalOf(status);
        if (!response.headersSent) {
          sendRefusal(exchange, refusal);
          return;
        }
        exchange.reason = refusal.reason;
        response.end(`${JSON.stringify({ error: problemOf(refusal, requestId, path) })}\n`);
      },
    };
  };
};
