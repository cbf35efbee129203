import { fileURLToPath } from "node:url";
import { openCache } from "./cache.ts";
import { onPath, run } from "./command.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { reasonOf } from "./reason.ts";
import type { Log } from "./server.ts";

const SCRIPT = fileURLToPath(new URL("../embedded/chromium.sh", import.meta.url));
const FETCH_TIMEOUT_MS = 5 * 60_000;
const GREET_TIMEOUT_MS = 10_000;

/** Best first: a browser made to run without a display is smaller and starts faster. */
const NAMES = ["chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

const ADVICE =
  "Install Chromium or Chrome so that it is on PATH (Debian: apt-get install chromium-headless-shell), or set KEYNODE_CHROMIUM to the program of one.";

/** Throws unless `program` is a Chromium that starts: some systems put a script there that only tells how to get one. */
const greet = async (program: string): Promise<string> => {
  const told = await run([program, "--version"], { timeoutMs: GREET_TIMEOUT_MS });
  if (!/Chrom(e|ium)/.test(told)) throw new Error(`${program} is no Chromium: it says "${told}"`);
  return program;
};

const fromPath = async ({ searchPath }: Environment): Promise<string> => {
  const closed: string[] = [];
  for (const name of NAMES) {
    const program = onPath(name, searchPath);
    if (program === undefined) continue;
    try {
      return await greet(program);
    } catch (error) {
      closed.push(reasonOf(error));
    }
  }
  throw new Error(closed.length === 0 ? `none of ${NAMES.join(", ")} is there` : closed.join("; "));
};

const fromDebian = async ({ cacheFolders, searchPath }: Environment, log: Log): Promise<string> => {
  const bash = onPath("bash", searchPath);
  if (bash === undefined) throw new Error("no bash on PATH");
  return run([bash, SCRIPT, openCache(cacheFolders)], { timeoutMs: FETCH_TIMEOUT_MS, log });
};

/**
 * The program of a Chromium to test pages with: the one of KEYNODE_CHROMIUM, or the first that starts of one on PATH and
 * Debian's, which is fetched once and kept in the cache, without root. Throws with what was tried and what to do.
 */
export const findChromium = async (log: Log, environment: Environment = readEnvironment()): Promise<string> => {
  if (environment.chromium !== undefined) return greet(environment.chromium);
  const closed: string[] = [];
  const ways = { "on PATH": () => fromPath(environment), "from Debian": () => fromDebian(environment, log) };
  for (const [way, find] of Object.entries(ways)) {
    try {
      return await find();
    } catch (error) {
      closed.push(`  - ${way}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`No Chromium can be had here. Tried, in this order:\n${closed.join("\n")}\n${ADVICE}`);
};
