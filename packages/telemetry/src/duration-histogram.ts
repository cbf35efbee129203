import { type Histogram, metrics } from "@opentelemetry/api";

/** Bounds in seconds that the RPC and HTTP semantic conventions advise for durations. */
const DURATION_BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** A histogram of seconds. Make it after `startTelemetry`: before, it records nowhere for good. */
export const durationHistogram = (name: string, description: string): Histogram =>
  metrics.getMeter("keynode").createHistogram(name, {
    unit: "s",
    description,
    advice: { explicitBucketBoundaries: DURATION_BOUNDS_S },
  });
