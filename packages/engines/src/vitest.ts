import type { TestProject } from "vitest/node";
import { resolveEngines } from "./resolve.ts";
import { makeTemporaryFolder, removeTemporaryFolder } from "./temporary-folder.ts";
import type {} from "./testing.ts";

/** Vitest's global setup: one pair of servers for the run, on a data folder that is removed at its end. */
export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const lines: string[] = [];
  const log = (line: string) => {
    lines.push(line);
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
