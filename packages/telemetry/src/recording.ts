import { randomUUID } from "node:crypto";
import { setTimeout as timeout } from "node:timers/promises";
import { type ContextManager, logs, metrics, trace } from "@opentelemetry/api";
import { OTLPMetricExporter as JsonMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as JsonTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import { observeProcess } from "./process-metrics.ts";
import type { OtlpTarget, TelemetryOptions } from "./start-telemetry.ts";
import { installTracer } from "./tracer.ts";

const DEFAULT_METRICS_INTERVAL_MS = 15_000;
/** How long a process that ends waits for its last spans and metrics to be taken. */
const SHUTDOWN_TIMEOUT_MS = 3_000;
/** Characters; a longer attribute value is cut. */
const MAX_ATTRIBUTE_LENGTH = 1_024;

/**
 * Starts the SDK as the process's tracer and meter; answers how to flush and stop it. All of it is given here: nothing
 * is instrumented by itself, detected about the machine, or sent elsewhere because the environment says so.
 */
export const startRecording = (options: TelemetryOptions, contextManager: ContextManager): (() => Promise<void>) => {
  const { otlp, metricsIntervalMs, sampleRatio = 1 } = options;
  const resource = defaultResource().merge(
    resourceFromAttributes({
      "service.name": options.serviceName,
      "service.namespace": "keynode",
      ...(options.serviceVersion === undefined ? {} : { "service.version": options.serviceVersion }),
      "service.instance.id": randomUUID(),
      "process.pid": process.pid,
    }),
  );
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    contextManager,
    // Trace context travels by our own spans' traceparent.
    textMapPropagator: null,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
    spanProcessors: spanProcessors(options),
    metricReaders: otlp ? [metricReader(otlp, metricsIntervalMs)] : [],
    logRecordProcessors: [],
  });
  sdk.start();
  const restoreTracer = installTracer(trace.getTracer("keynode"));
  if (otlp) observeProcess(metrics.getMeter("keynode"));
  return async () => {
    restoreTracer();
    trace.disable();
    metrics.disable();
    logs.disable();
    const outcome = await Promise.race([
      sdk.shutdown().then(
        () => undefined,
        (error: unknown) => error,
      ),
      timeout(SHUTDOWN_TIMEOUT_MS, "timeout", { ref: false }),
    ]);
    if (outcome !== undefined) {
      options.log.warn({ err: outcome }, "opentelemetry: the last spans or metrics were not taken");
    }
  };
};

const spanProcessors = ({ otlp, spanExporter }: TelemetryOptions): SpanProcessor[] => {
  const processors: SpanProcessor[] = [];
  if (spanExporter) processors.push(new SimpleSpanProcessor({ exporter: spanExporter }));
  if (otlp) {
    const settings = exporterSettings(otlp, "v1/traces");
    const exporter =
      otlp.protocol === "http/json" ? new JsonTraceExporter(settings) : new ProtobufTraceExporter(settings);
    processors.push(new BatchSpanProcessor({ exporter }));
  }
  return processors;
};

const metricReader = (otlp: OtlpTarget, intervalMs = DEFAULT_METRICS_INTERVAL_MS): PeriodicExportingMetricReader => {
  const settings = exporterSettings(otlp, "v1/metrics");
  const exporter =
    otlp.protocol === "http/json" ? new JsonMetricExporter(settings) : new ProtobufMetricExporter(settings);
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, 10_000),
  });
};

const exporterSettings = ({ endpoint, headers }: OtlpTarget, path: string) => ({
  url: `${endpoint.replace(/\/+$/, "")}/${path}`,
  ...(headers ? { headers: { ...headers } } : {}),
});
