import { mkdirSync } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";
import { recordProcesses } from "../data-folder.ts";
import { startGuarded } from "../guarded-process.ts";
import { poll } from "../poll.ts";
import { choosePort } from "../port.ts";
import type { Launch, Setup } from "../server.ts";
import { greetMongo } from "./greet.ts";

export const MONGOD_FAMILY = "mongod";

const READY_TIMEOUT_MS = 120_000;
/** Below it, positional operators and aggregation stages that the services use are missing. */
const OLDEST_MAJOR = 6;

/** Throws unless `binary` is a mongod recent enough. */
export const checkMongod = async (binary: string): Promise<void> => {
  const version = /db version v(\d+)\.([\d.]+)/.exec(await run([binary, "--version"], { timeoutMs: 5_000 }));
  if (version === null || Number(version[1]) < OLDEST_MAJOR) {
    throw new Error(`${binary} is ${version?.[0] ?? "no mongod"}, at least ${OLDEST_MAJOR}.0 is needed`);
  }
};

export const launchMongod =
  (binary: string, { folder, port: wanted }: Setup): Launch =>
  async () => {
    const data = path.join(folder, "mongod");
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const port = await choosePort(wanted === undefined ? {} : { wanted });
    const server = await startGuarded({
      command: [
        binary,
        "--dbpath",
        data,
        "--port",
        String(port),
        "--bind_ip",
        "127.0.0.1",
        "--nounixsocket",
        "--quiet",
      ],
      stopSignal: "TERM",
      logFile: path.join(folder, "mongod.log"),
    });
    recordProcesses(folder, [server.identity]);
    const url = `mongodb://127.0.0.1:${port}/?retryWrites=false`;
    const version = await poll(
      async () => {
        if (!server.isRunning()) throw new Error(`mongod ended: ${server.lastWords()}`);
        return greetMongo(url, 1_000).catch(() => undefined);
      },
      { timeoutMs: READY_TIMEOUT_MS, everyMs: 100 },
    );
    if (version === undefined) {
      await server.stop();
      throw new Error(`mongod was not ready after ${READY_TIMEOUT_MS / 1000} s: ${server.lastWords()}`);
    }
    return { url, version, ended: server.ended, stop: () => server.stop(), kill: server.kill };
  };
