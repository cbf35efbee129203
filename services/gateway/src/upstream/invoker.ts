import { Metadata } from "@grpc/grpc-js";
import type { Mint } from "@keynode/auth/minter";
import type { Principal } from "@keynode/auth/principal";
import { metadataKey } from "@keynode/grpc/metadata";
import { attribute, metric, system } from "@keynode/telemetry/attributes";
import { durationHistogram } from "@keynode/telemetry/duration-histogram";
import type { Logger } from "@keynode/telemetry/logger";
import { failSpan, traceparentOf } from "@keynode/telemetry/span";
import { tracer } from "@keynode/telemetry/tracer";
import { ROOT_CONTEXT, type Span, SpanKind } from "@opentelemetry/api";
import type { Caller } from "../auth/admission.ts";
import { agentOf, deviceOf, networkOf } from "../client-origin.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Exchange } from "../exchange.ts";
import type { CallStatus } from "../problem.ts";
import { type Answer, BARRED, callStream, callUnary, FAULT, type StreamListener, UNREACHABLE } from "./call.ts";
import type { Upstreams } from "./upstreams.ts";

/** A call to a service on behalf of a caller. */
export type Invocation = {
  readonly service: string;
  /** `crm.lead.v1.LeadService/GetLead`. */
  readonly method: string;
  readonly message: Buffer;
  readonly caller: Caller | "anonymous";
  /** Metadata that the client's headers asked for. */
  readonly forwarded: readonly (readonly [key: string, value: string])[];
  /** Epoch milliseconds; Infinity for none. */
  readonly deadlineMs: number;
};

export type Invoker = {
  readonly unary: (exchange: Exchange, invocation: Invocation) => Promise<Answer>;
  readonly stream: (exchange: Exchange, invocation: Invocation, listener: StreamListener) => Promise<void>;
};

export type InvokerOptions = {
  readonly upstreams: Upstreams;
  /** Signs as the gateway, for whom it authenticated. */
  readonly mint: Mint;
  readonly authenticator: Authenticator;
  readonly log: Logger;
};

/** Calls services: token, trace and deadline go along, and the call ends when the client hangs up. */
export const createInvoker = ({ upstreams, mint, authenticator, log }: InvokerOptions): Invoker => {
  const duration = durationHistogram(metric.rpcClientDuration, "Duration of the calls to services");

  const metadataOf = async (
    { request, requestId, locale }: Exchange,
    { service, forwarded }: Invocation,
    principal: Principal | undefined,
    span: Span,
  ): Promise<Metadata> => {
    const metadata = new Metadata();
    if (principal) metadata.set(metadataKey.authorization, `Bearer ${await mint(principal, service)}`);
    metadata.set(metadataKey.traceparent, traceparentOf(span));
    metadata.set(metadataKey.requestId, requestId);
    const network = networkOf(request.ip);
    if (network !== undefined) metadata.set(metadataKey.clientNetwork, network);
    metadata.set(metadataKey.clientAgent, agentOf(request.headers["user-agent"]));
    if (request.ip !== undefined) metadata.set(metadataKey.clientAddress, request.ip);
    if (!principal) metadata.set(metadataKey.clientDevice, deviceOf(request.headers["user-agent"]));
    if (locale !== "en") metadata.set(metadataKey.acceptLanguage, locale);
    for (const [key, value] of forwarded) metadata.set(key, value);
    return metadata;
  };

  const begin = ({ trace }: Exchange, { method }: Invocation) => {
    const attributes = { [attribute.rpcSystem]: system.grpc, [attribute.rpcMethod]: method };
    const span = tracer().startSpan(method, { kind: SpanKind.CLIENT, attributes }, trace?.context ?? ROOT_CONTEXT);
    const startedMs = performance.now();
    const end = (code: CallStatus["code"]): void => {
      const outcome = { ...attributes, [attribute.rpcStatusCode]: code };
      duration.record((performance.now() - startedMs) / 1_000, outcome);
      if (!span.isRecording()) return;
      span.setAttribute(attribute.rpcStatusCode, code);
      if (code !== "OK") failSpan(span, code);
      span.end();
    };
    return { span, end };
  };

  const attempt = async (
    exchange: Exchange,
    invocation: Invocation,
    principal: Principal | undefined,
  ): Promise<Answer> => {
    const { span, end } = begin(exchange, invocation);
    const { service, method, message, deadlineMs } = invocation;
    const channel = await upstreams.connected(service);
    if (channel === undefined) {
      end("UNAVAILABLE");
      return { kind: "failure", status: UNREACHABLE };
    }
    const metadata = await metadataOf(exchange, invocation, principal, span);
    let cancel: () => void = () => undefined;
    const answer = await callUnary(channel, { path: `/${method}`, message, metadata, deadlineMs }, (started) => {
      cancel = started;
      exchange.cancels.add(cancel);
    });
    exchange.cancels.delete(cancel);
    end(answer.kind === "answer" ? "OK" : answer.status.code);
    return answer;
  };

  /** A role, session or key may have changed since the caller was looked up: asks anew, and tries once more. */
  const withNewRights = async (
    exchange: Exchange,
    invocation: Invocation,
    { credential, principal }: Caller,
    refused: Answer,
  ): Promise<Answer> => {
    authenticator.forget(credential);
    const anew = await authenticator.ask(credential);
    if (anew.kind === "refused") return refused;
    if (anew.kind === "unavailable") return { kind: "failure", status: UNREACHABLE };
    if (anew.networks?.has(exchange.request.ip) === false) return { kind: "failure", status: BARRED };
    // Also one that was looked up for this very request: rights may have changed between that and the call.
    if (anew.principal.policyVersion > principal.policyVersion) {
      const again = await attempt(exchange, invocation, anew.principal);
      if (!isTokenRefused(again)) return again;
    }
    log.error({ service: invocation.service, requestId: exchange.requestId }, "service refuses the gateway's token");
    return { kind: "failure", status: FAULT };
  };

  return {
    unary: async (exchange, invocation) => {
      const { caller } = invocation;
      if (caller === "anonymous") return attempt(exchange, invocation, undefined);
      const answer = await attempt(exchange, invocation, caller.principal);
      return isTokenRefused(answer) ? withNewRights(exchange, invocation, caller, answer) : answer;
    },
    stream: async (exchange, invocation, listener) => {
      const { span, end } = begin(exchange, invocation);
      const { service, method, message, deadlineMs, caller } = invocation;
      const channel = await upstreams.connected(service);
      if (channel === undefined) {
        end("UNAVAILABLE");
        listener.onEnd(UNREACHABLE);
        return;
      }
      const principal = caller === "anonymous" ? undefined : caller.principal;
      const metadata = await metadataOf(exchange, invocation, principal, span);
      let isEnded = false;
      const finish = (status: CallStatus): void => {
        if (isEnded) return;
        isEnded = true;
        exchange.cancels.delete(cancel);
        end(status.code);
        if (caller !== "anonymous" && isRefusedToken(status)) authenticator.forget(caller.credential);
        listener.onEnd(status);
      };
      const cancel = callStream(
        channel,
        { path: `/${method}`, message, metadata, deadlineMs },
        {
          onMessage: (received, next) => {
            try {
              listener.onMessage(received, next);
            } catch (error) {
              log.error({ err: error, requestId: exchange.requestId }, "stream failed");
              finish(FAULT);
              cancel();
            }
          },
          onEnd: finish,
        },
      );
      exchange.cancels.add(cancel);
    },
  };
};

const isTokenRefused = (answer: Answer): boolean => answer.kind === "failure" && isRefusedToken(answer.status);

/** The service did not accept the internal token; a refused sign-in has a reason of its own. */
const isRefusedToken = ({ code, details }: CallStatus): boolean =>
  code === "UNAUTHENTICATED" && details.reason === "UNAUTHENTICATED";
