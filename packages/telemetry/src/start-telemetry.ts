import { context, DiagLogLevel, diag } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "./logger.ts";

export type OtlpTarget = {
  /** Base URL of an OTLP/HTTP receiver, for example `http://collector:4318`. */
  readonly endpoint: string;
  readonly protocol?: "http/protobuf" | "http/json";
  readonly headers?: Readonly<Record<string, string>>;
};

export type TelemetryOptions = {
  readonly serviceName: string;
  readonly serviceVersion?: string;
  readonly log: Logger;
  /** Where spans and metrics go; without it nothing is recorded and trace context still travels. */
  readonly otlp?: OtlpTarget | undefined;
  /** Part of the traces begun here that is recorded, 0 to 1; a trace begun elsewhere keeps its beginner's choice. */
  readonly sampleRatio?: number;
  readonly metricsIntervalMs?: number;
  /** Takes finished spans as they end, for tests. */
  readonly spanExporter?: SpanExporter;
};

export type Telemetry = {
  /** Sends what is still buffered, for 3 s at most; a receiver that is away is logged, never thrown. */
  readonly shutdown: () => Promise<void>;
};

let users = 0;
let stop: Promise<() => Promise<void>> | undefined;

/**
 * Switches the process's tracing and metrics on. OpenTelemetry is one per process: services started in
 * the same process share what the first one set, and the last shutdown ends it.
 */
export const startTelemetry = async (options: TelemetryOptions): Promise<Telemetry> => {
  if (stop && options.spanExporter) throw new Error("telemetry runs already: its spans go elsewhere");
  users += 1;
  stop ??= install(options);
  const stopAll = await stop;
  let released = false;
  return {
    shutdown: async () => {
      if (released) return;
      released = true;
      users -= 1;
      if (users > 0) return;
      stop = undefined;
      await stopAll();
    },
  };
};

const install = async (options: TelemetryOptions): Promise<() => Promise<void>> => {
  const { log } = options;
  const write =
    (level: "error" | "warn" | "info" | "debug" | "trace") =>
    (message: string, ...details: unknown[]) =>
      log[level]({ details: details.length > 0 ? details.map(String) : undefined }, `opentelemetry: ${message}`);
  diag.setLogger(
    { error: write("error"), warn: write("warn"), info: write("info"), debug: write("debug"), verbose: write("trace") },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const contextManager = new AsyncLocalStorageContextManager().enable();
  let stopRecording: (() => Promise<void>) | undefined;
  if (options.otlp || options.spanExporter) {
    // The SDK is large: loaded only where something is recorded.
    stopRecording = (await import("./recording.ts")).startRecording(options, contextManager);
  } else {
    context.setGlobalContextManager(contextManager);
  }
  return async () => {
    await stopRecording?.();
    context.disable();
    diag.disable();
  };
};
