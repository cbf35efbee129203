import type { Exchange } from "../exchange.ts";
import type { CallStatus, Refusal } from "../problem.ts";
import type { StreamListener } from "../upstream/call.ts";
import type { JsonCodec } from "./json-codec.ts";
import type { Route } from "./routes.ts";
import { openStreamAnswer } from "./stream-answer.ts";
import { frameItemOf, framingOf, NDJSON, type StreamType, streamTypes } from "./stream-framing.ts";

/** Receives a service's stream for a client; `stop` ends the answer from this side. */
export type StreamReceiver = StreamListener & { readonly stop: (refusal: Refusal) => void };

/** Passes a stream on as the client asked for it: each message is asked for as fast as the client reads. */
export const createStreamSender = (route: Route, codec: JsonCodec) => {
  const render = codec.renderer(route.method.output);
  const framers = new Map(streamTypes(route).map((type) => [type, frameItemOf(route, type)]));
  const plain = frameItemOf(route, NDJSON);

  return (exchange: Exchange, type: StreamType, refusalOf: (status: CallStatus) => Refusal): StreamReceiver => {
    const answer = openStreamAnswer(exchange, framingOf(route, type));
    const frame = framers.get(type) ?? plain;
    return {
      onMessage: (message, next) => answer.send(frame(render(message), message), next),
      onEnd: (status) => {
        if (status.code === "OK") answer.end();
        else answer.fail(refusalOf(status));
      },
      stop: answer.fail,
    };
  };
};
