import type { NatsConnection } from "@nats-io/transport-node";

/** Calls `again` each time the connection was lost and is back, until stopped. */
export const reconnects = (nats: NatsConnection, again: () => void): { stop(): void } => {
  const statuses = nats.status();
  const watch = async (): Promise<void> => {
    for await (const status of statuses) if (status.type === "reconnect") again();
  };
  void watch();
  return {
    stop: () => {
      // The client's iterator has a stop that its type does not show; without it it would live as long as the connection.
      if ("stop" in statuses && typeof statuses.stop === "function") statuses.stop();
    },
  };
};
