import { once } from "node:events";
import type { handleServerStreamingCall, ServerWritableStream } from "@grpc/grpc-js";
import type { Span } from "@opentelemetry/api";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import { runIn, startSpan } from "@keynode/telemetry/span";
import { admit } from "./admission.ts";
import { tellAnswered } from "./answered.ts";
import { hasPassed, streamDeadlineMs } from "./deadline.ts";
import { disclosed } from "./disclosed.ts";
import { cancelled, type Ending, record, refused, succeeded, thrown } from "./ending.ts";
import type { Host } from "./host.ts";
import { localeOf } from "./locale.ts";
import { metadataKey, textOf } from "./metadata.ts";
import { describeCaller, type ServedMethod } from "./served-method.ts";

type StreamMethod = Extract<ServedMethod, { stream: true }>;
type Rpc = ServerWritableStream<Buffer, Buffer>;

/** Answers the calls of one server-streaming method, no faster than the caller reads. */
export const streamHandler =
  (method: StreamMethod, host: Host): handleServerStreamingCall<Buffer, Buffer> =>
  (rpc) => {
    const parent = textOf(rpc.metadata, metadataKey.traceparent);
    const started = startSpan({ name: method.name, kind: "server", attributes: method.attributes, parent });
    void runIn(started, () => answer(method, host, rpc, started.span));
  };

const answer = async (method: StreamMethod, host: Host, rpc: Rpc, span: Span): Promise<void> => {
  const startedMs = performance.now();
  const locale = localeOf(textOf(rpc.metadata, metadataKey.acceptLanguage));
  const deadlineMs = streamDeadlineMs(rpc.getDeadline(), Date.now());
  const controller = new AbortController();
  const { signal } = controller;

  const stopped = (): Ending => {
    if (host.draining) return refused(host, method, reject("SHUTTING_DOWN"), locale);
    return hasPassed(deadlineMs) ? refused(host, method, reject("DEADLINE_EXCEEDED"), locale) : cancelled;
  };
  const run = async (): Promise<Ending> => {
    if (host.draining) return refused(host, method, reject("SHUTTING_DOWN"), locale);
    if (host.streams.size >= host.limits.maxConcurrentStreams) {
      return refused(host, method, reject("OVERLOADED"), locale);
    }
    host.streams.add(controller);
    const arrival = {
      metadata: rpc.metadata,
      bytes: rpc.request,
      locale,
      deadlineMs,
      signal: () => signal,
      wrote: () => undefined,
    };
    const admitted = await admit(method, arrival, host);
    if (isDomainError(admitted)) return refused(host, method, admitted, locale);
    describeCaller(span, admitted.call);
    for await (const item of method.handle(admitted.request, admitted.call)) {
      if (signal.aborted) return stopped();
      if (isDomainError(item)) return refused(host, method, item, locale);
      const shown = await disclosed(method, host, item, admitted.call);
      tellAnswered(method.name, rpc.request, shown);
      if (!rpc.write(shown)) await once(rpc, "drain", { signal });
    }
    return signal.aborted ? stopped() : succeeded;
  };

  rpc.once("cancelled", () => controller.abort());
  let ending: Ending;
  try {
    ending = await run();
  } catch (error) {
    ending = signal.aborted ? stopped() : thrown(host, method, error, locale);
  } finally {
    host.streams.delete(controller);
  }
  if (ending === succeeded) rpc.end();
  else rpc.emit("error", ending);
  record(host, method, span, startedMs, ending);
};
