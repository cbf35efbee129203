import { metrics } from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { afterEach, expect, test } from "vitest";
import { observe } from "../src/observed.ts";

class OnDemand extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

afterEach(() => metrics.disable());

test("numbers are read when metrics are collected, and no more once it is stopped", async () => {
  const reader = new OnDemand();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  let queued = 1;
  const stop = observe(
    {
      "test.queued": { kind: "gauge", unit: "{record}", description: "Records that wait" },
      "test.events": { kind: "counter", unit: "{event}", description: "Events that went" },
    },
    () => ({ "test.queued": queued, "test.events": 10 * queued }),
  );
  const collected = async () => {
    const { resourceMetrics } = await reader.collect();
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return Object.fromEntries(found.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value]));
  };
  expect(await collected()).toEqual({ "test.queued": 1, "test.events": 10 });
  queued = 3;
  expect(await collected()).toEqual({ "test.queued": 3, "test.events": 30 });
  stop();
  queued = 5;
  expect(await collected()).toEqual({ "test.queued": 3, "test.events": 30 });
});
