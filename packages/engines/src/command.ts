import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { environmentWith } from "./environment.ts";
import type { Log } from "./server.ts";

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where `program` is, as a shell would find it. */
export const onPath = (program: string, searchPath: readonly string[]): string | undefined =>
  searchPath.map((folder) => path.join(folder, program)).find(isExecutable);

export type RunOptions = {
  timeoutMs: number;
  input?: string;
  cwd?: string;
  /** Added to this process's environment. */
  env?: Readonly<Record<string, string>>;
  /** How many of its last lines an error tells. */
  tailLines?: number;
  /** Gets the lines of standard error as they come. */
  log?: Log;
  /** Ends the program when aborted. */
  signal?: AbortSignal;
};

/**
 * Runs a program to its end and answers what it wrote to standard output. Throws with the last lines that it wrote
 * anywhere when it fails, is aborted or does not end in time.
 */
export const run = (
  command: readonly [string, ...string[]],
  { timeoutMs, input = "", cwd, env = {}, tailLines = 3, log, signal }: RunOptions,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const [program, ...args] = command;
    const name = path.basename(program);
    // A group of its own: a program that is given up takes what it started with it.
    const child = spawn(program, args, {
      detached: true,
      stdio: "pipe",
      env: environmentWith(env),
      ...(cwd === undefined ? {} : { cwd }),
    });
    let output = "";
    let told = "";
    const endGroup = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(endGroup, timeoutMs);
    signal?.addEventListener("abort", endGroup);
    process.once("exit", endGroup);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      told += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      told += chunk;
      for (const line of chunk.split("\n")) if (log !== undefined && line.trim() !== "") log(line);
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", endGroup);
      process.removeListener("exit", endGroup);
      act();
    };
    child.once("error", (error) => settle(() => reject(new Error(`${name}: ${error.message}`))));
    child.once("close", (code, endedBy) =>
      settle(() => {
        if (code === 0) return resolve(output.trim());
        if (signal?.aborted) return reject(new Error(String(signal.reason)));
        const last = told.trim().split("\n").slice(-tailLines).join("\n");
        const how = endedBy === "SIGKILL" ? `did not end within ${timeoutMs / 1000} s` : `failed (${code ?? endedBy})`;
        reject(new Error(`${name} ${how}${last === "" ? "" : `: ${last}`}`));
      }),
    );
  });
