import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { Attributes, Histogram, Span } from "@opentelemetry/api";
import type { Locale } from "@keynode/decider/error-table";
import { attribute } from "@keynode/telemetry/attributes";
import { isDryRun } from "@keynode/telemetry/dry-run";
import { failSpanAs, runIn, startSpan, traceparentOf } from "@keynode/telemetry/span";
import type { MethodDefinition } from "./implement.ts";
import { metadataKey, textOf } from "./metadata.ts";
import { RpcError, rpcErrorOf } from "./rpc-error.ts";
import type { CodeName } from "./status.ts";

/** What goes along with one call. */
export type CallOptions = {
  /** Instead of the client's own token source. */
  readonly token?: () => Promise<string>;
  /** Of the caller's caller: a call never lasts longer. */
  readonly deadline?: Date;
  readonly signal?: AbortSignal;
  readonly locale?: Locale;
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
  readonly requestId?: string;
  /** The address that the caller's own caller called from. */
  readonly clientAddress?: string;
  readonly consistency?: string;
  /** Told the consistency token of an answer that carries one. */
  readonly onConsistency?: (token: string) => void;
};

/** One method as a client calls it; message types are erased, `GrpcClient` restores them. */
export type ClientMethod = {
  /** `package.Service/Method`. */
  readonly name: string;
  readonly definition: MethodDefinition;
  readonly channel: Client;
  readonly token: (() => Promise<string>) | undefined;
  readonly attributes: Attributes;
  readonly duration: Histogram;
};

/** One attempt of a unary call. Throws RpcError. */
export const callUnary = (
  method: ClientMethod,
  request: unknown,
  deadlineMs: number,
  options: CallOptions,
): Promise<unknown> => {
  const startedMs = performance.now();
  const started = startSpan({ name: method.name, kind: "client", attributes: method.attributes });
  return runIn(started, async () => {
    try {
      const metadata = await outgoingMetadata(method, started.span, options);
      const response = await unary(method, request, metadata, deadlineMs, options);
      record(method, started.span, startedMs, "OK");
      return response;
    } catch (error) {
      record(method, started.span, startedMs, error instanceof RpcError ? error.code : "UNKNOWN");
      throw error;
    }
  });
};

const unary = (
  { name, definition, channel }: ClientMethod,
  request: unknown,
  metadata: Metadata,
  deadlineMs: number,
  { signal, onConsistency }: CallOptions,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const cancel = (): void => call.cancel();
    const call = channel.makeUnaryRequest(
      definition.path,
      definition.requestSerialize as (request: unknown) => Buffer,
      definition.responseDeserialize,
      request,
      metadata,
      { deadline: deadlineMs },
      (error, response) => {
        signal?.removeEventListener("abort", cancel);
        if (error) reject(rpcErrorOf(name, error));
        else resolve(response);
      },
    );
    if (onConsistency)
      call.on("status", ({ metadata: trailers }) => {
        const token = textOf(trailers, metadataKey.consistency);
        if (token !== undefined) onConsistency(token);
      });
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
  });

/** A server stream, read no faster than its consumer asks; leaving the loop ends the call. Throws RpcError. */
export async function* callStream(
  method: ClientMethod,
  request: unknown,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  const { name, definition, channel } = method;
  const startedMs = performance.now();
  const { span } = startSpan({ name, kind: "client", attributes: method.attributes });
  const metadata = await outgoingMetadata(method, span, options);
  const stream = channel.makeServerStreamRequest(
    definition.path,
    definition.requestSerialize as (request: unknown) => Buffer,
    definition.responseDeserialize,
    request,
    metadata,
    options.deadline ? { deadline: options.deadline } : {},
  );
  const cancel = (): void => stream.cancel();
  if (options.signal?.aborted) cancel();
  else options.signal?.addEventListener("abort", cancel, { once: true });
  let code: CodeName = "CANCELLED";
  try {
    yield* stream;
    code = "OK";
  } catch (error) {
    if (!isServiceError(error)) throw error;
    const reported = rpcErrorOf(name, error);
    code = reported.code;
    throw reported;
  } finally {
    options.signal?.removeEventListener("abort", cancel);
    stream.cancel();
    record(method, span, startedMs, code);
  }
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && "code" in error && "metadata" in error && error.metadata instanceof Metadata;

const outgoingMetadata = async (method: ClientMethod, span: Span, options: CallOptions): Promise<Metadata> => {
  const metadata = new Metadata();
  const token = await (options.token ?? method.token)?.();
  if (token !== undefined) metadata.set(metadataKey.authorization, `Bearer ${token}`);
  metadata.set(metadataKey.traceparent, traceparentOf(span));
  if (options.locale !== undefined) metadata.set(metadataKey.acceptLanguage, options.locale);
  if (options.idempotencyKey !== undefined) metadata.set(metadataKey.idempotencyKey, options.idempotencyKey);
  if (options.ifMatch !== undefined) metadata.set(metadataKey.ifMatch, options.ifMatch);
  if (options.requestId !== undefined) metadata.set(metadataKey.requestId, options.requestId);
  if (options.clientAddress !== undefined) metadata.set(metadataKey.clientAddress, options.clientAddress);
  if (options.consistency !== undefined) metadata.set(metadataKey.consistency, options.consistency);
  // What a dry run asks of others has no effect there either.
  if (isDryRun()) metadata.set(metadataKey.validateOnly, "true");
  return metadata;
};

const record = (method: ClientMethod, span: Span, startedMs: number, code: CodeName): void => {
  const attributes = { ...method.attributes, [attribute.rpcStatusCode]: code };
  method.duration.record((performance.now() - startedMs) / 1_000, attributes);
  if (!span.isRecording()) return;
  span.setAttribute(attribute.rpcStatusCode, code);
  if (code !== "OK") failSpanAs(span, code);
  span.end();
};
