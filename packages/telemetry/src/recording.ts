import { randomUUID } from "node:crypto";
import { setTimeout as timeout } from "node:timers/promises";
import { metrics, trace } from "@opentelemetry/api";
import { OTLPMetricExporter as JsonMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as JsonTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { observeProcess } from "./process-metrics.ts";
import type { OtlpTarget, TelemetryOptions } from "./start-telemetry.ts";
import { installTracer } from "./tracer.ts";

const DEFAULT_METRICS_INTERVAL_MS = 15_000;
/** How long a process that ends waits for its last spans and metrics to be taken. */
const SHUTDOWN_TIMEOUT_MS = 3_000;
/** Characters; a longer attribute value is cut. */
const MAX_ATTRIBUTE_LENGTH = 1_024;

/** Registers the SDK's tracer and meter for the process; answers how to flush and stop them. */
export const startRecording = (options: TelemetryOptions): (() => Promise<void>) => {
  const resource = defaultResource().merge(
    resourceFromAttributes({
      "service.name": options.serviceName,
      "service.namespace": "keynode",
      ...(options.serviceVersion === undefined ? {} : { "service.version": options.serviceVersion }),
      "service.instance.id": randomUUID(),
      "process.pid": process.pid,
    }),
  );
  const tracing = new TracerProvider({
    resource,
    spanProcessors: spanProcessors(options),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio ?? 1) }),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
  });
  trace.setGlobalTracerProvider(tracing);
  const restoreTracer = installTracer(tracing.getTracer("keynode"));
  const meters = options.otlp ? meterProvider(resource, options.otlp, options.metricsIntervalMs) : undefined;
  if (meters) {
    metrics.setGlobalMeterProvider(meters);
    observeProcess(meters.getMeter("keynode"));
  }
  return async () => {
    restoreTracer();
    trace.disable();
    metrics.disable();
    const flushed = await Promise.race([
      Promise.allSettled([tracing.shutdown(), meters?.shutdown()]),
      timeout(SHUTDOWN_TIMEOUT_MS, "timeout" as const, { ref: false }),
    ]);
    const lost = flushed === "timeout" ? "timeout" : flushed.find((outcome) => outcome.status === "rejected")?.reason;
    if (lost !== undefined) options.log.warn({ err: lost }, "opentelemetry: the last spans or metrics were not taken");
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

const meterProvider = (resource: Resource, otlp: OtlpTarget, intervalMs = DEFAULT_METRICS_INTERVAL_MS) => {
  const settings = exporterSettings(otlp, "v1/metrics");
  const exporter =
    otlp.protocol === "http/json" ? new JsonMetricExporter(settings) : new ProtobufMetricExporter(settings);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, 10_000),
  });
  return new MeterProvider({ resource, readers: [reader] });
};

const exporterSettings = ({ endpoint, headers }: OtlpTarget, path: string) => ({
  url: `${endpoint.replace(/\/+$/, "")}/${path}`,
  ...(headers ? { headers: { ...headers } } : {}),
});
