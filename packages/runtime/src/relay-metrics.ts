import type { Relay } from "@keynode/messaging/relay";
import { metric } from "@keynode/telemetry/attributes";
import { type Observed, observe } from "@keynode/telemetry/observed";

const observed = {
  [metric.relayQueued]: { kind: "gauge", unit: "{record}", description: "Records that wait to be relayed" },
  [metric.relayLag]: { kind: "gauge", unit: "s", description: "Age of the oldest event in hand" },
  [metric.relayEvents]: { kind: "counter", unit: "{event}", description: "Events journaled and published" },
  [metric.relayFaults]: { kind: "counter", unit: "{fault}", description: "Steps that failed and were repeated" },
  [metric.relayOverflows]: {
    kind: "counter",
    unit: "{record}",
    description: "Records left to the sweep, the queue being full",
  },
  [metric.relayStopped]: {
    kind: "gauge",
    unit: "{record}",
    description: "Records stopped by a conflict: each needs a person",
  },
} as const satisfies Record<string, Observed>;

/** Shows how the relay does among the process's metrics; answers how to stop. */
export const observeRelay = (relay: Pick<Relay, "stats">): (() => void) =>
  observe(observed, () => {
    const { queued, lagMs, relayed, faults, overflowed, stopped } = relay.stats();
    return {
      [metric.relayQueued]: queued,
      [metric.relayLag]: lagMs / 1_000,
      [metric.relayEvents]: relayed,
      [metric.relayFaults]: faults,
      [metric.relayOverflows]: overflowed,
      [metric.relayStopped]: stopped,
    };
  });
