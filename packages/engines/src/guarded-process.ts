import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { holds } from "./poll.ts";
import { endAtOnce, identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

const GUARD = fileURLToPath(new URL("../embedded/guard.sh", import.meta.url));

/** A server that lives at most as long as this process: its guard stops it when we end, however we end. */
export type GuardedProcess = {
  readonly identity: ProcessIdentity;
  /** Settles when the server has ended, wanted or not. */
  readonly ended: Promise<void>;
  readonly isRunning: () => boolean;
  /** Asks it to stop with its signal; kills it when it has not after `timeoutMs`. */
  readonly stop: (timeoutMs?: number) => Promise<void>;
  readonly kill: () => Promise<void>;
  /** The last lines of its log, for an error message. */
  readonly lastWords: () => string;
};

export const lastLines = (file: string, count = 4): string => {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  } catch {
    return "";
  }
};

/** Starts `command` in a session of its own, so that a terminal's Ctrl-C reaches its owner only. Output goes to `logFile`. */
export const startGuarded = async ({
  command,
  stopSignal,
  logFile,
}: {
  command: readonly [string, ...string[]];
  stopSignal: "TERM" | "INT";
  logFile: string;
}): Promise<GuardedProcess> => {
  const log = openSync(logFile, "a", 0o600);
  const guard = spawn("/bin/sh", [GUARD, stopSignal, ...command], {
    detached: true,
    stdio: ["pipe", log, log, "pipe"],
  });
  closeSync(log);
  const guardEnded = new Promise<void>((resolve, reject) => {
    guard.once("exit", () => resolve());
    guard.once("error", (error) => reject(new Error(`cannot start ${command[0]}: ${error.message}`)));
  });
  const { stdin, stdio } = guard;
  const report = stdio[3];
  if (stdin === null || !report) throw new Error(`cannot start ${command[0]}`);
  stdin.on("error", () => {});
  const [line] = await Promise.race([once(report, "data"), guardEnded.then(() => [""])]);
  report.destroy();
  const pid = Number.parseInt(String(line), 10);
  const lastWords = () => lastLines(logFile);
  const identity = Number.isNaN(pid) ? undefined : identify(pid);
  if (identity === undefined) {
    stdin.destroy();
    throw new Error(`${command[0]} ended at once: ${lastWords()}`);
  }

  const isRunning = () => isAlive(identity);
  const ended = guardEnded.then(async () => {
    // Somebody killed the guard alone.
    if (isRunning()) endAtOnce(identity.pid);
    await holds(() => !isRunning(), { timeoutMs: 5_000 });
    stdin.destroy();
  });
  const kill = async () => {
    if (isRunning()) endAtOnce(identity.pid);
    await ended;
  };
  const stop = async (timeoutMs = 60_000) => {
    guard.kill("SIGTERM");
    const late = new AbortController();
    const patience = delay(timeoutMs, undefined, { signal: late.signal }).then(kill, () => {});
    await Promise.race([ended, patience]);
    late.abort();
  };
  return { identity, ended, isRunning, stop, kill, lastWords };
};
