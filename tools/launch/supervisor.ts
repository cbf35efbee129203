import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Preloaded into each process: when its launcher ends, however it ends, the process drains and ends too. */
const ORPHAN_GUARD = `data:text/javascript,${encodeURIComponent(`
  if (process.channel) {
    process.channel.unref();
    process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  }
`)}`;
/** EX_CONFIG of sysexits(3): a configuration that does not fit will not fit the next time. */
const BAD_CONFIGURATION = 78;

/** How a process is kept up. */
export type Policy = {
  /** Ends in a row after which it is given up. */
  readonly maxRestarts: number;
  /** Pause before the first restart; each further one is twice as long, up to `maxPauseMs`. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** A process that ran for so long was well: its restarts are counted anew. */
  readonly steadyMs: number;
  /** How long it may take to stop when asked, before it is killed. */
  readonly stopMs: number;
};

export const DEFAULT_POLICY: Policy = {
  maxRestarts: 5,
  firstPauseMs: 200,
  maxPauseMs: 5_000,
  steadyMs: 30_000,
  stopMs: 20_000,
};

export type Program = {
  readonly name: string;
  /** Node arguments: options, the file, its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Takes its output; that of the run before is kept beside it with `.1`. */
  readonly logFile: string;
};

export type Supervised = {
  readonly name: string;
  /** The process that runs now; undefined between two, and after the end. */
  readonly pid: () => number | undefined;
  /** How often it has been started again. */
  readonly restarts: () => number;
  /** Settles when it is over: `undefined` when it was stopped, otherwise why it was given up. */
  readonly over: Promise<string | undefined>;
  /** Ends the process as a crash would; it is then started again. */
  readonly crash: () => void;
  /** Asks it to drain and end; a repeat waits for the same end. */
  readonly stop: () => Promise<void>;
};

const lastLines = (file: string, count: number): string =>
  readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");

const keepPrevious = (file: string): void => {
  try {
    renameSync(file, `${file}.1`);
  } catch {
    // There is none on the first start.
  }
};

/**
 * Keeps a Node program up: started again when it ends unasked, with growing pauses and an end. It lives at most as long
 * as this process, and a terminal's Ctrl-C reaches this process only.
 */
export const supervise = (
  { name, args, env, cwd, logFile }: Program,
  { log, policy = DEFAULT_POLICY }: { log: (line: string) => void; policy?: Policy },
): Supervised => {
  let child: ChildProcess | undefined;
  let restarts = 0;
  const stopping = new AbortController();
  keepPrevious(logFile);

  const runOnce = (): Promise<string> => {
    const output = openSync(logFile, "a", 0o600);
    const current = spawn(process.execPath, ["--import", ORPHAN_GUARD, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    child = current;
    return new Promise((resolve) => {
      current.once("error", (error) => resolve(error.message));
      current.once("exit", (code, signal) => {
        child = undefined;
        resolve(code === BAD_CONFIGURATION ? "its configuration is refused" : `ended with ${code ?? signal}`);
      });
    });
  };

  const keepUp = async (): Promise<string | undefined> => {
    for (let inRow = 0; ; ) {
      const since = Date.now();
      const how = await runOnce();
      if (stopping.signal.aborted) return undefined;
      if (Date.now() - since >= policy.steadyMs) inRow = 0;
      inRow += 1;
      if (how === "its configuration is refused" || inRow > policy.maxRestarts) {
        return `${name}: ${how}; given up. ${logFile}:\n${lastLines(logFile, 10)}`;
      }
      const pauseMs = Math.min(policy.firstPauseMs * 2 ** (inRow - 1), policy.maxPauseMs);
      log(`${name}: ${how}; started again in ${pauseMs} ms`);
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return undefined;
      restarts += 1;
    }
  };

  const over = keepUp();
  return {
    name,
    pid: () => child?.pid,
    restarts: () => restarts,
    over,
    crash: () => void child?.kill("SIGKILL"),
    stop: async () => {
      stopping.abort();
      child?.kill("SIGTERM");
      const timer = setTimeout(() => {
        log(`${name}: has not stopped after ${policy.stopMs / 1000} s and is killed`);
        child?.kill("SIGKILL");
      }, policy.stopMs);
      await over;
      clearTimeout(timer);
    },
  };
};
