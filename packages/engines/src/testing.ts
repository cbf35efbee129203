import { inject } from "vitest";
import type { Engine } from "./engine.ts";
import type { NatsUser } from "./nats/config.ts";
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

type BusOptions = { readonly users?: readonly NatsUser[] };

const quiet = () => {};

/** A data folder that is removed when what was started in it has stopped. */
const inTemporaryFolder = async <Started extends { readonly stop: () => Promise<void> }>(
  start: (dataDir: string) => Promise<Started>,
): Promise<Started> => {
  const dataDir = await makeTemporaryFolder(quiet);
  try {
    const started = await start(dataDir);
    return {
      ...started,
      stop: async () => {
        await started.stop();
        removeTemporaryFolder(dataDir);
      },
    };
  } catch (error) {
    removeTemporaryFolder(dataDir);
    throw error;
  }
};

/**
 * A pair of servers of the caller's own, for tests that kill them: `mongo.kill()`, then `mongo.start()` on the same
 * data and address. `stop` also removes the data.
 */
export const privateEngines = (nats: BusOptions = {}): Promise<Engines> =>
  inTemporaryFolder((dataDir) => resolveEngines({ dataDir, log: quiet, nats, own: true, temporary: true }));

/** A bus of the caller's own: streams and durables have fixed names, so services under test must not share one. */
export const privateBus = (nats: BusOptions = {}): Promise<Engine> =>
  inTemporaryFolder((dataDir) => resolveNats({ dataDir, log: quiet, nats, own: true, temporary: true }));
