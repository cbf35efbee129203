import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { childrenOf, commandOf, pssMib, rssMib } from "./processes.ts";

export const root = path.resolve(import.meta.dirname, "../..");

/** A running installation, as `npm start` starts it. */
export type Installation = {
  readonly startMs: number;
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly mongoUrl: string;
  /** Process ids by service; the launcher is among them. */
  readonly pids: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
};

export const LAUNCHER = "launcher";

const READY = /Keynode answers at (\S+)/;
const SERVICE = /\/services\/([a-z-]+)\/dist\/main\.js$/;

export const build = async (): Promise<void> => {
  const turbo = path.join(root, "node_modules", ".bin", "turbo");
  await promisify(execFile)(turbo, ["run", "build", "--output-logs=errors-only"], {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
};

/** Where an installation lives: the ports are free ones, so that another on this machine is never measured instead. */
export type Place = { readonly home: string; readonly httpPort: number; readonly mongodbPort: number };

/** Settings of the measured installation, besides its defaults. */
const settings = ({ home, httpPort, mongodbPort }: Place) => ({
  KEYNODE_HOME: home,
  KEYNODE_HTTP_PORT: String(httpPort),
  KEYNODE_MONGODB_PORT: String(mongodbPort),
  LOG_LEVEL: "warn",
  // One API key asks for everything here; the limiter still counts each request.
  RATE_LIMIT_KEY_PER_S: "1000000",
  RATE_LIMIT_TENANT_PER_S: "1000000",
});

/** As `npm start` has them (tools/tasks.mjs). */
const LAUNCHER_ARGUMENTS = [
  "--expose-gc",
  "--optimize-for-size",
  "--import=@keynode/telemetry/idle-collection",
  "tools/dist/start.js",
];

/** Starts the built launcher on a home folder, empty or not, and waits until it says that it is ready; `environment` comes on top. */
export const startInstallation = async (
  place: Place,
  environment: Readonly<Record<string, string>> = {},
): Promise<Installation> => {
  const startedMs = performance.now();
  const launcher = spawn(process.execPath, [...LAUNCHER_ARGUMENTS, "--no-seed"], {
    cwd: root,
    // Each installation has engines of its own.
    env: { ...process.env, MONGODB_URI: undefined, NATS_URL: undefined, ...settings(place), ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const baseUrl = await readyAt(launcher);
  const { apiKey } = JSON.parse(readFileSync(path.join(place.home, "credentials.json"), "utf8"));
  return {
    startMs: performance.now() - startedMs,
    baseUrl,
    headers: { authorization: `Bearer ${apiKey}` },
    mongoUrl: `mongodb://127.0.0.1:${place.mongodbPort}/?retryWrites=false`,
    pids: pidsUnder(launcher.pid ?? 0),
    stop: async () => {
      const ended = new Promise((resolve) => launcher.once("exit", resolve));
      launcher.kill("SIGTERM");
      await ended;
    },
  };
};

const readyAt = (launcher: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = "";
    launcher.stdout?.on("data", (chunk) => {
      said += chunk;
      const [, url] = READY.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    launcher.once("exit", (code) => reject(new Error(`the installation ended with ${code}:\n${said}`)));
  });

const pidsUnder = (launcher: number): Map<string, number> => {
  const services = childrenOf(launcher).flatMap((pid): [string, number][] => {
    const [, name] = SERVICE.exec(commandOf(pid).at(-1) ?? "") ?? [];
    return name === undefined ? [] : [[name, pid]];
  });
  return new Map([[LAUNCHER, launcher], ...services]);
};

/** Memory of all processes together, what they share counted once. */
export const memoryTogetherOf = ({ pids }: Installation): number =>
  Math.round([...pids.values()].reduce((sum, pid) => sum + pssMib(pid), 0));

/** Resident memory by process. */
export const memoryOf = ({ pids }: Installation): Record<string, number> =>
  Object.fromEntries([...pids].map(([name, pid]) => [name, Math.round(rssMib(pid))]));
