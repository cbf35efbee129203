import type { Locale } from "@keynode/decider/error-table";
import type { Admit } from "../auth/admission.ts";
import { type Exchange, isRefusal, sendRefusal } from "../exchange.ts";
import { type CallStatus, type Refusal, refusalOfStatus, refuse } from "../problem.ts";
import type { Invocation, Invoker } from "../upstream/invoker.ts";
import { type Violation, violationMessage } from "../violation.ts";
import { preferredType } from "./accept.ts";
import { createAnswerSender, JSON_TYPE } from "./answer.ts";
import { createStreamSender } from "./answer-stream.ts";
import { readCallHeaders } from "./call-headers.ts";
import { deprecationFields } from "./deprecation.ts";
import { locateField, locateViolation } from "./field-location.ts";
import type { JsonCodec } from "./json-codec.ts";
import { pathValues } from "./path-template.ts";
import { readBody } from "./read-body.ts";
import { createRequestReader } from "./request-message.ts";
import type { OpenStreams } from "./open-streams.ts";
import { answerMessage, HTTP_BODY, type Route } from "./routes.ts";
import { streamTypes } from "./stream-framing.ts";

/** What serves one route. It answers every request, and throws only on a fault. */
export type Endpoint = {
  /** For logs and spans: `/v1/leads/{id}`. */
  readonly template: string;
  readonly serve: (exchange: Exchange, segments: readonly string[]) => Promise<void>;
};

export type EndpointTools = {
  readonly codec: JsonCodec;
  readonly admit: Admit;
  readonly invoker: Invoker;
  /** The services that the contract knows; nobody else is ever called. */
  readonly services: ReadonlySet<string>;
  /** Which of them keeps each collection. */
  readonly collections: ReadonlyMap<string, string>;
  /** The longest that a unary call may take; a client may ask for less. */
  readonly deadlineMs: number;
  /** The longest that a stream may last: rights are looked at anew when its client comes back. */
  readonly streamLimitMs: number;
  readonly streams: OpenStreams;
};

/** What a request's headers settle: who calls, what goes along, until when. */
export type AdmittedCall = Pick<Invocation, "caller" | "forwarded" | "deadlineMs"> & {
  readonly lastEventId: string | undefined;
};

/** Lets a request to a route in and reads its headers, before anything of it is decoded. */
export const admitCall = async (
  route: Route,
  exchange: Exchange,
  { admit, deadlineMs, streamLimitMs }: Pick<EndpointTools, "admit" | "deadlineMs" | "streamLimitMs">,
): Promise<AdmittedCall | Refusal> => {
  const caller = await admit(exchange, route.rules.public);
  if (caller !== "anonymous" && isRefusal(caller)) return caller;
  const headers = readCallHeaders(route, exchange);
  if (isRefusal(headers)) return headers;
  const { forwarded, waitMs, lastEventId } = headers;
  const limitMs = route.method.methodKind === "unary" ? deadlineMs : streamLimitMs;
  return { caller, forwarded, lastEventId, deadlineMs: Date.now() + Math.min(waitMs ?? limitMs, limitMs) };
};

/** One request becomes one call: credential, headers, body and query in, message out, answer back. */
export const createEndpoint = (route: Route, tools: EndpointTools): Endpoint => {
  const { codec, invoker } = tools;
  const readRequest = createRequestReader(route, codec);
  const send = createAnswerSender(route, codec);
  const receiveStream = createStreamSender(route, codec);
  const notice = deprecationFields(route);
  const offered: readonly [string, ...string[]] = [JSON_TYPE];
  const isJson = answerMessage(route)?.typeName !== HTTP_BODY;
  const isStream = route.method.methodKind === "server_streaming";

  const invocationOf = async (exchange: Exchange, segments: readonly string[]): Promise<Invocation | Refusal> => {
    const { locale, query } = exchange;
    const call = await admitCall(route, exchange, tools);
    if (isRefusal(call)) return call;
    const values = decodedValues(route, segments);
    if (values === undefined) return refuse("INVALID_PATH", locale);
    if (isJson && !isStream && preferredType(exchange.request.headers.accept, offered) === undefined) {
      return refuse("NOT_ACCEPTABLE", locale, { metadata: { offered: JSON_TYPE } });
    }
    const named = serviceNamed(route, values);
    const service = route.serviceNamedBy === "collection" ? (tools.collections.get(named) ?? "") : named;
    if (!tools.services.has(service)) {
      return refuse("NOT_FOUND", locale, { metadata: { [route.serviceNamedBy]: named } });
    }
    const body = await readBody(route, exchange);
    if (body && isRefusal(body)) return body;
    const message = readRequest({ pathValues: values, query, body, lastEventId: call.lastEventId });
    if (!Buffer.isBuffer(message)) return invalidRequest(route, message, locale);
    return { ...call, service, method: route.name, message };
  };

  const refusalOf = (exchange: Exchange, status: CallStatus): Refusal =>
    refusalOfStatus(status, exchange.locale, (field) => locateField(route, field));

  const serveStream = async (exchange: Exchange, invocation: Invocation): Promise<void> => {
    const { request, locale } = exchange;
    const type = preferredType(request.headers.accept, streamTypes(route));
    if (type === undefined) {
      sendRefusal(exchange, refuse("NOT_ACCEPTABLE", locale, { metadata: { offered: streamTypes(route).join(", ") } }));
      return;
    }
    const receiver = receiveStream(exchange, type, (status) => refusalOf(exchange, status));
    const stop = (): void => {
      receiver.stop(refuse("SHUTTING_DOWN", locale));
      for (const cancel of exchange.cancels) cancel();
    };
    const caller = invocation.caller === "anonymous" ? (request.ip ?? "") : invocation.caller.principal.actor;
    if (tools.streams.add(exchange, caller, stop)) await invoker.stream(exchange, invocation, receiver);
    else receiver.stop(refuse("TOO_MANY_STREAMS", locale));
  };

  return {
    template: route.template.text,
    serve: async (exchange, segments) => {
      Object.assign(exchange.headers, notice);
      if (route.rules.dialect !== undefined) exchange.dialect = route.rules.dialect;
      const invocation = await invocationOf(exchange, segments);
      if (isRefusal(invocation)) {
        sendRefusal(exchange, invocation);
        return;
      }
      if (isStream) {
        await serveStream(exchange, invocation);
        return;
      }
      const answer = await invoker.unary(exchange, invocation);
      if (answer.kind === "failure") sendRefusal(exchange, refusalOf(exchange, answer.status));
      else await send(exchange, answer.message, answer.headers, answer.trailers);
    },
  };
};

/** Names every wrong place in the client's words. */
export const invalidRequest = (route: Route, violations: readonly Violation[], locale: Locale): Refusal =>
  refuse("INVALID_REQUEST", locale, {
    errors: violations.map((violation) => ({
      ...locateViolation(route, violation),
      code: violation.code,
      message: violationMessage(violation, locale),
    })),
  });

/** Undefined when the path's percent-encoding is damaged. */
export const decodedValues = ({ template }: Route, segments: readonly string[]): string[] | undefined => {
  try {
    return pathValues(template, segments);
  } catch (cause) {
    if (cause instanceof URIError) return undefined;
    throw cause;
  }
};

/** The service of the route, or what the request names in its path: one, or a collection. */
const serviceNamed = ({ service, variables }: Route, values: readonly string[]): string => {
  if (typeof service === "string") return service;
  return values[variables.findIndex((fields) => fields.length === 1 && fields[0] === service)] ?? "";
};
