import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { InMemorySpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { logger } from "./logger.ts";
import { startTelemetry } from "./start-telemetry.ts";

/** Keeps every span that ends in this process. Call it before anything else starts telemetry here. */
export const recordSpans = async () => {
  const spanExporter = new InMemorySpanExporter();
  const telemetry = await startTelemetry({
    serviceName: "test",
    log: logger({ name: "test", level: "silent" }),
    spanExporter,
  });
  return {
    spans: (): readonly ReadableSpan[] => spanExporter.getFinishedSpans(),
    reset: () => spanExporter.reset(),
    shutdown: telemetry.shutdown,
  };
};

/** A span as it arrived over OTLP. */
export type CollectedSpan = {
  service: string;
  name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  links: readonly { traceId: string; spanId: string }[];
  attributes: Readonly<Record<string, string>>;
};

/** A series of a metric as it arrived over OTLP; `count` is how many values a histogram took. */
export type CollectedSeries = {
  service: string;
  name: string;
  unit: string;
  count: number | undefined;
  attributes: Readonly<Record<string, string>>;
};

type OtlpAttribute = { key: string; value: Record<string, unknown> };
type OtlpResource = { attributes?: OtlpAttribute[] };
type OtlpSpan = Omit<CollectedSpan, "service" | "links" | "attributes"> & {
  links?: CollectedSpan["links"];
  attributes?: OtlpAttribute[];
};
type OtlpPoints = { dataPoints?: { attributes?: OtlpAttribute[]; count?: string | number }[] };
type OtlpMetric = { name: string; unit: string; histogram?: OtlpPoints; gauge?: OtlpPoints; sum?: OtlpPoints };
type OtlpBody = {
  resourceSpans?: { resource?: OtlpResource; scopeSpans?: { spans?: OtlpSpan[] }[] }[];
  resourceMetrics?: { resource?: OtlpResource; scopeMetrics?: { metrics?: OtlpMetric[] }[] }[];
};

/** An OTLP receiver for tests over several processes; they export to `endpoint` with protocol `http/json`. */
export const startCollector = async () => {
  const spans: CollectedSpan[] = [];
  const series: CollectedSeries[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      spans.push(...spansIn(body));
      series.push(...seriesIn(body));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the collector has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans: (): readonly CollectedSpan[] => spans,
    series: (): readonly CollectedSeries[] => series,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const bodyOf = async (request: IncomingMessage): Promise<OtlpBody> => (await json(request)) as OtlpBody;

const spansIn = ({ resourceSpans = [] }: OtlpBody): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        service: serviceOf(resource),
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        links: span.links ?? [],
        attributes: attributesOf(span.attributes),
      })),
    ),
  );

const seriesIn = ({ resourceMetrics = [] }: OtlpBody): CollectedSeries[] =>
  resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) =>
      metrics.flatMap(({ name, unit, histogram, gauge, sum }) =>
        ((histogram ?? gauge ?? sum)?.dataPoints ?? []).map(({ attributes, count }) => ({
          service: serviceOf(resource),
          name,
          unit,
          count: count === undefined ? undefined : Number(count),
          attributes: attributesOf(attributes),
        })),
      ),
    ),
  );

const serviceOf = (resource: OtlpResource | undefined): string =>
  attributesOf(resource?.attributes)["service.name"] ?? "";

const attributesOf = (attributes: OtlpAttribute[] = []): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
