import { afterAll, beforeAll, expect, test } from "vitest";
import { durationHistogram } from "../src/duration-histogram.ts";
import { logger } from "../src/logger.ts";
import { withSpan } from "../src/span.ts";
import { startTelemetry } from "../src/start-telemetry.ts";
import { startCollector } from "../src/testing.ts";

let collector: Awaited<ReturnType<typeof startCollector>>;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.close());

test("shutdown sends what is buffered to the configured receiver", async () => {
  const telemetry = await startTelemetry({
    serviceName: "lead",
    log: logger({ name: "lead", level: "silent" }),
    otlp: { endpoint: collector.endpoint, protocol: "http/json" },
  });
  withSpan({ name: "outer", kind: "server", attributes: { "crm.command": "CreateLead" } }, () =>
    withSpan({ name: "inner", kind: "client" }, () => undefined),
  );
  await telemetry.shutdown();

  const [inner, outer] = collector.spans();
  expect(outer).toMatchObject({ service: "lead", name: "outer", kind: 2, attributes: { "crm.command": "CreateLead" } });
  expect(inner).toMatchObject({ name: "inner", kind: 3, traceId: outer?.traceId, parentSpanId: outer?.spanId });
});

test("durations and the process itself are measured", async () => {
  const telemetry = await startTelemetry({
    serviceName: "lead",
    log: logger({ name: "lead", level: "silent" }),
    otlp: { endpoint: collector.endpoint, protocol: "http/json" },
  });
  durationHistogram("rpc.server.call.duration", "Duration").record(0.02, { "rpc.method": "GetLead" });
  await telemetry.shutdown();

  const measured = collector.series().filter(({ service }) => service === "lead");
  expect(measured).toContainEqual({
    service: "lead",
    name: "rpc.server.call.duration",
    unit: "s",
    count: 1,
    attributes: { "rpc.method": "GetLead" },
  });
  expect(measured.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["process.cpu.time", "process.memory.usage", "nodejs.eventloop.utilization"]),
  );
});

test("a receiver that is away is logged and fails nothing", async () => {
  const lines: string[] = [];
  const telemetry = await startTelemetry({
    serviceName: "lead",
    log: logger({ name: "lead", level: "warn", destination: { write: (line) => lines.push(line) } }),
    otlp: { endpoint: "http://127.0.0.1:9", protocol: "http/protobuf" },
  });
  withSpan({ name: "lost" }, () => undefined);
  await telemetry.shutdown();
  await expect.poll(() => lines.join()).toContain("opentelemetry");
});
