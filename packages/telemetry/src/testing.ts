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

type OtlpAttribute = { key: string; value: Record<string, unknown> };
type OtlpSpan = Omit<CollectedSpan, "service" | "links" | "attributes"> & {
  links?: CollectedSpan["links"];
  attributes?: OtlpAttribute[];
};
type OtlpTraces = {
  resourceSpans?: { resource?: { attributes?: OtlpAttribute[] }; scopeSpans?: { spans?: OtlpSpan[] }[] }[];
};

/** An OTLP receiver for tests over several processes; they export to `endpoint` with protocol `http/json`. */
export const startCollector = async () => {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    void receive(request).then((received) => {
      spans.push(...received);
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
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const receive = async (request: IncomingMessage): Promise<CollectedSpan[]> => {
  const body = (await json(request)) as OtlpTraces;
  return (body.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) => {
    const service = attributesOf(resource?.attributes)["service.name"] ?? "";
    return (scopeSpans ?? []).flatMap((scope) => (scope.spans ?? []).map((span) => collected(service, span)));
  });
};

const collected = (service: string, span: OtlpSpan): CollectedSpan => ({
  service,
  name: span.name,
  kind: span.kind,
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId,
  links: span.links ?? [],
  attributes: attributesOf(span.attributes),
});

const attributesOf = (attributes: OtlpAttribute[] = []): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
