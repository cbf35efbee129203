import type { FileRegistry } from "@bufbuild/protobuf";
import { type Access, bareAccess } from "@keynode/auth/access";
import type { Verify } from "@keynode/auth/verifier";
import { registry as contractRegistry } from "@keynode/contracts/descriptors";
import type { ErrorTable } from "@keynode/decider/error-table";
import { metric } from "@keynode/telemetry/attributes";
import { durationHistogram } from "@keynode/telemetry/duration-histogram";
import type { FieldSource } from "@keynode/fields/field-set";
import type { Logger } from "@keynode/telemetry/logger";
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { streamHandler } from "./answer-stream.ts";
import { unaryHandler } from "./answer-unary.ts";
import { withChassisErrors } from "./chassis-errors.ts";
import { type Health, serveHealth } from "./health.ts";
import { type Consistency, type DeniedCall, defaultLimits, type Host, type Limits } from "./host.ts";
import type { Implementation } from "./implement.ts";
import type { OnSensitiveRead } from "./masking/sensitive-read.ts";
import type { FilterReadable } from "./references.ts";
import { serveReflection } from "./reflection.ts";
import { type ServedMethod, servedMethods } from "./served-method.ts";
import type { Vocabularies } from "./vocabularies.ts";

export type GrpcServerOptions = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly implementations: readonly Implementation[];
  /** The service's own refusals; those of the chassis are added. */
  readonly errors: ErrorTable;
  readonly verify: Verify;
  /** Writes down who was shown sensitive values in the clear. */
  readonly onSensitiveRead?: OnSensitiveRead;
  /** The fields that tenants have given the records told of; default: none. */
  readonly fields?: FieldSource | undefined;
  /** Decides who may do what to which record; default: by the principal alone, without a team's parts and shares. */
  readonly access?: Access;
  /** Tells which records callers may name; default: any. */
  readonly filterReadable?: FilterReadable;
  /** Told of every call that is refused for want of a right; it may not wait. */
  readonly onDenied?: (denied: DeniedCall) => void;
  /** How reads see what their caller wrote before; default: no token is made or waited for. */
  readonly consistency?: Consistency;
  /** Whether what a handler threw says that the service's own store is away: callers are told to try again. */
  readonly isStoreAway?: (error: unknown) => boolean;
  /** What values tenants let their people choose; default: any. */
  readonly vocabularies?: Vocabularies | undefined;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
  /** Where the methods are described; default: the platform's contract. */
  readonly registry?: FileRegistry;
};

export type GrpcServer = {
  readonly port: number;
  /** What health says. A server starts as not serving, and answers calls all the same. */
  readonly setServing: (serving: boolean) => void;
  /**
   * Says NOT_SERVING, takes no new connections, stops streams, lets unary calls finish, and after
   * `timeoutMs` cuts off what is left.
   */
  readonly drain: (timeoutMs: number) => Promise<void>;
};

/** Served beside ours, without a credential. */
const UNCHECKED_SERVICES = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];

const KEEPALIVE = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  /** Connections are renewed now and then, so that clients find servers that were added since. */
  "grpc.max_connection_age_ms": 30 * 60_000,
  "grpc.max_connection_age_grace_ms": 60_000,
};

/** How long the answers to calls that were cut off may take to leave. */
const CUT_OFF_MS = 500;

/**
 * Starts a server whose every method is checked as the contract demands. Throws when a method declares no rules, or may be
 * refused without a word.
 */
export const startGrpcServer = async (options: GrpcServerOptions): Promise<GrpcServer> => {
  const registry = options.registry ?? contractRegistry();
  const methods = servedMethods(options.implementations, registry);
  const errors = withChassisErrors(options.errors);
  if (options.filterReadable !== undefined) refuseUnknownReasons(methods, errors);
  const limits = { ...defaultLimits, ...options.limits };
  const host: Host = {
    verify: options.verify,
    access: options.access ?? bareAccess,
    filterReadable: options.filterReadable,
    errors,
    onSensitiveRead: options.onSensitiveRead,
    fields: options.fields,
    onDenied: options.onDenied,
    consistency: options.consistency,
    isStoreAway: options.isStoreAway ?? (() => false),
    vocabularies: options.vocabularies,
    log: options.log,
    limits,
    duration: durationHistogram(metric.rpcServerDuration, "Duration of the calls that a server answered"),
    calls: 0,
    unanswered: new Set(),
    streams: new Set(),
    draining: false,
  };
  const server = new Server({
    "grpc.max_receive_message_length": limits.maxMessageBytes,
    "grpc.max_send_message_length": limits.maxMessageBytes,
    "grpc.enable_channelz": 0,
    ...KEEPALIVE,
  });
  for (const method of methods) server.addService(...served(method, host));
  const services = [...new Set(methods.map(({ name }) => name.slice(0, name.indexOf("/"))))];
  const health = serveHealth(server, services);
  serveReflection(server, [...services, ...UNCHECKED_SERVICES], registry);
  const port = await listen(server, `${options.host}:${options.port}`);
  return { port, setServing: health.setServing, drain: (timeoutMs) => drain(server, host, health, timeoutMs) };
};

/** Throws when a method may be refused for what it names with a reason that no table has. */
const refuseUnknownReasons = (methods: readonly ServedMethod[], errors: ErrorTable): void => {
  const unknown = methods.flatMap(({ name, references }) =>
    [...(references?.reasons ?? [])]
      .filter((reason) => !Object.hasOwn(errors, reason))
      .map((reason) => `${name}: ${reason}`),
  );
  if (unknown.length > 0) throw new Error(`the server cannot start: reasons without a message: ${unknown.join("; ")}`);
};

/** Messages pass through gRPC as bytes: they are decoded only after the caller was let in. */
const served = (method: ServedMethod, host: Host): [ServiceDefinition, UntypedServiceImplementation] => {
  const { name, stream } = method;
  const definition = {
    path: `/${name}`,
    requestStream: false,
    responseStream: stream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const handler = method.stream ? streamHandler(method, host) : unaryHandler(method, host);
  return [{ [name]: definition }, { [name]: handler }];
};

const asIs = (bytes: Buffer): Buffer => bytes;

const listen = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });

const drain = async (server: Server, host: Host, health: Health, timeoutMs: number): Promise<void> => {
  health.setServing(false);
  health.endWatches();
  host.draining = true;
  for (const stream of host.streams) stream.abort();
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  if (await within(closed, timeoutMs)) return;
  for (const cutOff of host.unanswered) cutOff();
  await within(closed, CUT_OFF_MS);
  // Without channelz grpc-js knows of no sessions that it could destroy: what is still open ends with the process.
  server.forceShutdown();
};

/** Whether something happens in time. */
const within = async (awaited: Promise<void>, timeoutMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const isInTime = await Promise.race([awaited.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
};
