import type { Logger } from "@keynode/telemetry/logger";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Db } from "mongodb";
import { setTimeout as delay } from "node:timers/promises";

const checkMs = 2_000;
const pingTimeoutMs = 1_500;

/**
 * Keeps the health service honest: serving while the database answers. The bus is not asked: commands are accepted
 * without it, their events wait in the outbox, and a full outbox pushes back by itself.
 */
export const watchReadiness = ({
  db,
  nats,
  log,
  setServing,
}: {
  db: Db;
  nats: NatsConnection;
  log: Logger;
  setServing: (serving: boolean) => void;
}) => {
  const stopping = new AbortController();
  let serving = true;

  const check = async (): Promise<void> => {
    const answers = await db.command({ ping: 1 }, { timeoutMS: pingTimeoutMs }).then(
      () => true,
      () => false,
    );
    if (answers === serving) return;
    serving = answers;
    setServing(serving);
    if (serving) log.info("ready again");
    else log.error("not ready: the database does not answer");
  };

  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await delay(checkMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!stopping.signal.aborted) await check();
    }
  };

  const report = async (): Promise<void> => {
    for await (const { type } of nats.status()) {
      if (type === "disconnect") log.warn("the bus is away: events wait in the outboxes");
      if (type === "reconnect") log.info("the bus is back");
    }
  };

  setServing(true);
  const running = watch();
  void report();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
