import type { TestProject } from "vitest/node";
import { resolveEngines } from "./resolve.ts";
import { makeTemporaryFolder, removeTemporaryFolder } from "./temporary-folder.ts";
import type {} from "./testing.ts";

/** A start that takes longer, since it downloads or builds, says what it does. */
const QUIET_MS = 3_000;

/** Vitest's global setup: one pair of servers for the run, on a data folder that is removed at its end. */
export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const started = Date.now();
  const log = (line: string) => {
    if (Date.now() - started > QUIET_MS) console.error(`engines: ${line}`);
  };
  const dataDir = await makeTemporaryFolder(log);
  try {
    const engines = await resolveEngines({ dataDir, log, temporary: true });
    provide("engines", { mongodbUri: engines.mongo.url, natsUrl: engines.nats.url });
    return async () => {
      await engines.stop();
      removeTemporaryFolder(dataDir);
    };
  } catch (error) {
    removeTemporaryFolder(dataDir);
    throw error;
  }
};
