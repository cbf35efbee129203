import { propagatingTracer, type SpanStarter } from "./propagating-tracer.ts";

/** The process's tracer: it records from `startTelemetry` with somewhere to export to, until its shutdown. */
let current: SpanStarter = propagatingTracer();

export const tracer = (): SpanStarter => current;

/** Replaces the process's tracer; answers how to put the former one back. */
export const installTracer = (next: SpanStarter): (() => void) => {
  const former = current;
  current = next;
  return () => {
    current = former;
  };
};
