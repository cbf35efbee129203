import { metrics } from "@opentelemetry/api";

/** A number that is looked at whenever metrics are collected: one that only rises is a `counter`. */
export type Observed = {
  readonly kind: "gauge" | "counter";
  readonly unit: string;
  readonly description: string;
};

/** Observes numbers by their metric's name; answers how to stop. Call it after `startTelemetry`. */
export const observe = <Name extends string>(
  observed: Readonly<Record<Name, Observed>>,
  read: () => Readonly<Record<Name, number>>,
): (() => void) => {
  const meter = metrics.getMeter("keynode");
  const instruments = Object.entries<Observed>(observed).map(([name, { kind, ...options }]) => {
    const instrument =
      kind === "gauge" ? meter.createObservableGauge(name, options) : meter.createObservableCounter(name, options);
    return [name as Name, instrument] as const;
  });
  const look: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const numbers = read();
    for (const [name, instrument] of instruments) result.observe(instrument, numbers[name]);
  };
  const all = instruments.map(([, instrument]) => instrument);
  meter.addBatchObservableCallback(look, all);
  return () => meter.removeBatchObservableCallback(look, all);
};
