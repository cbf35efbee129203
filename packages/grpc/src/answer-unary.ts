import { type handleUnaryCall, Metadata, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import type { Span } from "@opentelemetry/api";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import { runDry } from "@keynode/telemetry/dry-run";
import { runFrom } from "@keynode/telemetry/origin";
import { runIn, startSpan } from "@keynode/telemetry/span";
import { admit } from "./admission.ts";
import { tellAnswered } from "./answered.ts";
import type { Written } from "./call.ts";
import { hasPassed, unaryDeadlineMs } from "./deadline.ts";
import { disclosed } from "./disclosed.ts";
import { cancelled, type Ending, record, refused, succeeded, thrown } from "./ending.ts";
import type { Host } from "./host.ts";
import { localeOf } from "./locale.ts";
import { metadataKey, textOf } from "./metadata.ts";
import { describeCaller, type ServedMethod } from "./served-method.ts";

const trailersOf = ({ consistency }: Host, written: readonly Written[]): Metadata | undefined => {
  const token = written.length === 0 ? undefined : consistency?.tokenOf(written);
  if (token === undefined) return undefined;
  const trailers = new Metadata();
  trailers.set(metadataKey.consistency, token);
  return trailers;
};

type UnaryMethod = Extract<ServedMethod, { stream: false }>;

/** Answers the calls of one unary method: admits, runs the handler within the deadline, tells the caller once. */
export const unaryHandler =
  (method: UnaryMethod, host: Host): handleUnaryCall<Buffer, Buffer> =>
  (rpc, respond) => {
    const parent = textOf(rpc.metadata, metadataKey.traceparent);
    const started = startSpan({ name: method.name, kind: "server", attributes: method.attributes, parent });
    void runIn(started, () => answer(method, host, rpc, respond, started.span));
  };

const answer = async (
  method: UnaryMethod,
  host: Host,
  rpc: ServerUnaryCall<Buffer, Buffer>,
  respond: sendUnaryData<Buffer>,
  span: Span,
): Promise<void> => {
  const startedMs = performance.now();
  const locale = localeOf(textOf(rpc.metadata, metadataKey.acceptLanguage));
  const nowMs = Date.now();
  const askedMs = Number(rpc.getDeadline());
  const deadlineMs = unaryDeadlineMs(askedMs, nowMs, host.limits);
  let controller: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let givenUp = false;
  const written: Written[] = [];

  const end = (ending: Ending, response?: Buffer): void => {
    if (ended) return;
    ended = true;
    host.unanswered.delete(cutOff);
    clearTimeout(timer);
    if (response) respond(null, response, trailersOf(host, written));
    else respond(ending);
    record(host, method, span, startedMs, ending);
  };
  const stop = (why: () => Ending): void => {
    if (ended) return;
    end(why());
    givenUp = true;
    controller?.abort();
  };
  const giveUp = (): void =>
    stop(() => (hasPassed(deadlineMs) ? refused(host, method, reject("DEADLINE_EXCEEDED"), locale) : cancelled));
  const cutOff = (): void => stop(() => refused(host, method, reject("SHUTTING_DOWN"), locale));
  /** Made for those who ask: most handlers are through before anybody could hang up. */
  const signal = (): AbortSignal => {
    controller ??= new AbortController();
    if (givenUp) controller.abort();
    return controller.signal;
  };

  if (host.calls >= host.limits.maxConcurrentCalls) {
    end(refused(host, method, reject("OVERLOADED"), locale));
    return;
  }
  host.calls += 1;
  host.unanswered.add(cutOff);
  // grpc-js emits it when the caller hangs up, when the deadline that the caller sent passes, and after every answer.
  rpc.on("cancelled", giveUp);
  if (deadlineMs < askedMs) timer = setTimeout(giveUp, deadlineMs - nowMs);
  try {
    const arrival = {
      metadata: rpc.metadata,
      bytes: rpc.request,
      locale,
      deadlineMs,
      signal,
      wrote: (record: Written) => void written.push(record),
    };
    const admitted = await admit(method, arrival, host);
    if (isDomainError(admitted)) return end(refused(host, method, admitted, locale));
    describeCaller(span, admitted.call);
    const { request, call } = admitted;
    // What a read records is no change of a record.
    const handle = () => method.handle(request, call);
    const outcome = await (method.rules.effect === "READ"
      ? handle()
      : runFrom(call.origin, call.validateOnly ? () => runDry(handle) : handle));
    if (ended) return;
    if (isDomainError(outcome)) end(refused(host, method, outcome, locale));
    else {
      const response = await disclosed(method, host, outcome, admitted.call);
      tellAnswered(method.name, rpc.request, response);
      end(succeeded, response);
    }
  } catch (error) {
    if (ended) host.log.debug({ err: error, method: method.name }, "call failed after its caller was gone");
    else end(thrown(host, method, error, locale));
  } finally {
    host.calls -= 1;
  }
};
