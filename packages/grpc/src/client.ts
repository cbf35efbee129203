import { setTimeout as delay } from "node:timers/promises";
import type { FileRegistry } from "@bufbuild/protobuf";
import { type Channel, Client, credentials } from "@grpc/grpc-js";
import { methodRules, registry as contractRegistry } from "@keynode/contracts/descriptors";
import { attribute, metric, system } from "@keynode/telemetry/attributes";
import { durationHistogram } from "@keynode/telemetry/duration-histogram";
import { openChannel } from "./channel.ts";
import { type CallOptions, type ClientMethod, callStream, callUnary } from "./client-call.ts";
import { defaultLimits } from "./host.ts";
import type { RequestOf, ResponseOf, ServiceDefinition } from "./implement.ts";
import { RpcError } from "./rpc-error.ts";
import { describedMethod } from "./served-method.ts";

export type ClientOptions = (
  | { readonly address: string }
  /** Shared with other clients; `close` leaves it open. */
  | { readonly channel: Channel }
) & {
  /** Makes the internal token of a call that brings none of its own. */
  readonly token?: () => Promise<string>;
  /** Of a unary call, all its attempts together. */
  readonly deadlineMs: number;
  /** Where the methods are described; default: the platform's contract. */
  readonly registry?: FileRegistry;
};

/** One function per rpc: a promise for a unary one, an async iterable for a stream. They throw RpcError. */
export type GrpcClient<Definition extends ServiceDefinition> = {
  readonly [Name in keyof Definition]: (
    request: RequestOf<Definition[Name]>,
    options?: CallOptions,
  ) => Definition[Name]["responseStream"] extends true
    ? AsyncIterable<ResponseOf<Definition[Name]>>
    : Promise<ResponseOf<Definition[Name]>>;
} & { readonly close: () => void };

const MAX_ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 50;

/**
 * A client of one service. Every unary call has a deadline; one whose effect is READ is tried again
 * while the service answers UNAVAILABLE and the deadline allows.
 */
export const grpcClient = <const Definition extends ServiceDefinition>(
  definition: Definition,
  options: ClientOptions,
): GrpcClient<Definition> => {
  const { token, deadlineMs, registry = contractRegistry() } = options;
  const channel = "channel" in options ? options.channel : openChannel(options.address, defaultLimits.maxMessageBytes);
  const client = new Client("", credentials.createInsecure(), { channelOverride: channel });
  const duration = durationHistogram(metric.rpcClientDuration, "Duration of the calls to other services");
  const functions = Object.entries(definition).map(([key, methodDefinition]) => {
    const name = methodDefinition.path.slice(1);
    const described = describedMethod(registry, name);
    const attempts = described && methodRules(described)?.effect === "READ" ? MAX_ATTEMPTS : 1;
    const method: ClientMethod = {
      name,
      definition: methodDefinition,
      channel: client,
      token,
      attributes: { [attribute.rpcSystem]: system.grpc, [attribute.rpcMethod]: name },
      duration,
    };
    const call = methodDefinition.responseStream
      ? (request: unknown, along: CallOptions = {}) => callStream(method, request, along)
      : (request: unknown, along: CallOptions = {}) => {
          const latestMs = Math.min(Date.now() + deadlineMs, along.deadline?.getTime() ?? Number.POSITIVE_INFINITY);
          return attempted(() => callUnary(method, request, latestMs, along), attempts, latestMs, along.signal);
        };
    return [key, call] as const;
  });
  const close = (): void => {
    if ("address" in options) channel.close();
  };
  // Erasure: each function serves the definition that stands under its key.
  return { ...Object.fromEntries(functions), close } as unknown as GrpcClient<Definition>;
};

/** Full jitter, doubling; not before the delay that the refusal names, not past the deadline. */
const attempted = async (
  call: () => Promise<unknown>,
  attempts: number,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<unknown> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= attempts || !(error instanceof RpcError) || error.code !== "UNAVAILABLE") throw error;
      const backoffMs = (error.details.retryDelayMs ?? 0) + Math.random() * FIRST_BACKOFF_MS * 2 ** attempt;
      if (Date.now() + backoffMs >= deadlineMs || signal?.aborted) throw error;
      await delay(backoffMs);
    }
  }
};
