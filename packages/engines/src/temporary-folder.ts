import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { endLeftovers, ownership } from "./data-folder.ts";
import { sweepPostgres } from "./mongo/postgres-leftovers.ts";
import { removeSocketFolder } from "./mongo/socket-folder.ts";
import type { Log } from "./server.ts";

const PREFIX = "keynode-engines-";
const ENGINES = ["mongo", "nats"];
/** A younger folder that nobody has claimed may be one that is being made. */
const ABANDONED_AFTER_MS = 10 * 60_000;

const parent = (): string => {
  const folder = path.join(tmpdir(), `keynode-tests-${process.getuid?.() ?? "user"}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
};

const isAbandoned = (folder: string): boolean => {
  const claims = ENGINES.map((engine) => ownership(path.join(folder, engine)));
  if (claims.includes("live")) return false;
  try {
    return claims.includes("dead") || Date.now() - statSync(folder).mtimeMs > ABANDONED_AFTER_MS;
  } catch {
    return false;
  }
};

/** Removes the data folder of engines that were for one run. */
export const removeTemporaryFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });

/** A new data folder. Those of runs that crashed are removed, with what still works in them. */
export const makeTemporaryFolder = async (log: Log): Promise<string> => {
  const folder = parent();
  for (const name of readdirSync(folder)) {
    const abandoned = path.join(folder, name);
    if (!name.startsWith(PREFIX) || !isAbandoned(abandoned)) continue;
    for (const engine of ENGINES) await endLeftovers(path.join(abandoned, engine), log, 0);
    const documentdb = path.join(abandoned, "mongo", "documentdb");
    await sweepPostgres(path.join(documentdb, "pg"));
    removeSocketFolder(documentdb);
    removeTemporaryFolder(abandoned);
  }
  return mkdtempSync(path.join(folder, PREFIX));
};
