import { inject } from "vitest";
import type { NatsUser } from "./nats/config.ts";
import type { Engine } from "./engine.ts";
import { type Engines, resolveEngines, resolveNats } from "./resolve.ts";
import { makeTemporaryFolder, removeTemporaryFolder } from "./temporary-folder.ts";

/** Where the run's shared servers are. Every test uses a database and subjects of its own. */
export type TestEngines = { readonly mongodbUri: string; readonly natsUrl: string };

declare module "vitest" {
  interface ProvidedContext {
    engines: TestEngines;
  }
}

/** The one pair of servers of this test run, started by the global setup `@keynode/engines/vitest`. */
export const testEngines = (): TestEngines => inject("engines");

/**
 * A pair of servers of the caller's own, for tests that kill them: `mongo.kill()`, then `mongo.start()` on the same
 * data and address. `stop` also removes the data.
 */
export const privateEngines = async (nats: { users?: readonly NatsUser[] } = {}): Promise<Engines> => {
  const quiet = () => {};
  const dataDir = await makeTemporaryFolder(quiet);
  const engines = await resolveEngines({ dataDir, log: quiet, nats, own: true, temporary: true });
  return {
    ...engines,
    stop: async () => {
      await engines.stop();
      removeTemporaryFolder(dataDir);
    },
  };
};

/** A bus of the caller's own: streams and durables have fixed names, so services under test must not share one. */
export const privateBus = async (): Promise<Engine> => {
  const quiet = () => {};
  const dataDir = await makeTemporaryFolder(quiet);
  const bus = await resolveNats({ dataDir, log: quiet, own: true, temporary: true });
  return {
    ...bus,
    stop: async () => {
      await bus.stop();
      removeTemporaryFolder(dataDir);
    },
  };
};
