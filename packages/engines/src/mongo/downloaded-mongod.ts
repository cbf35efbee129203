import { readdirSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { recentFailure, rememberFailure } from "../cache.ts";
import { run } from "../command.ts";
import { reasonOf } from "../reason.ts";
import type { Setup, Source } from "../server.ts";
import { checkMongod, launchMongod, MONGOD_FAMILY } from "./mongod.ts";

const WAY = "mongod-download";
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
/** A download that brings nothing for so long is given up. */
const STALL_MS = 5_000;

const DOWNLOAD = `
import { MongoBinary } from "mongodb-memory-server-core";
console.log(await MongoBinary.getPath({ downloadDir: process.argv[1], checkMD5: true }));
`;

const bytesIn = (folder: string): number => {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  } catch {
    return 0;
  }
};

const download = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stalled = new AbortController();
  let [bytes, since] = [bytesIn(folder), Date.now()];
  const watch = setInterval(() => {
    const now = bytesIn(folder);
    if (now !== bytes) [bytes, since] = [now, Date.now()];
    else if (Date.now() - since > STALL_MS) stalled.abort(`the download brought nothing for ${STALL_MS / 1000} s`);
  }, 500);
  try {
    return await run([process.execPath, "--input-type=module", "--eval", DOWNLOAD, folder], {
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      // Where the script's import is looked up.
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      signal: stalled.signal,
    });
  } finally {
    clearInterval(watch);
  }
};

/** MongoDB's own build, downloaded once by mongodb-memory-server, which checks its MD5 sum. A failure is remembered for a day. */
export const downloadedMongod = (setup: Setup, cache: string): Source => ({
  kind: "mongod of mongodb-memory-server",
  family: MONGOD_FAMILY,
  prepare: async () => {
    const failure = recentFailure(cache, WAY);
    if (failure !== undefined) throw new Error(`failed within the last day: ${failure}`);
    try {
      const binary = await download(path.join(cache, "mongod"));
      await checkMongod(binary);
      return launchMongod(binary, setup);
    } catch (error) {
      rememberFailure(cache, WAY, reasonOf(error));
      throw error;
    }
  },
});
