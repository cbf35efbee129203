import { mkdirSync, realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../command.ts";
import { recordProcesses } from "../data-folder.ts";
import { startGuarded } from "../guarded-process.ts";
import { poll } from "../poll.ts";
import { choosePort } from "../port.ts";
import type { Launch, Setup, Source } from "../server.ts";
import { greetMongo } from "./greet.ts";
import { startPostgres } from "./postgres.ts";
import type { EngineFolder } from "./postgres-data.ts";
import { sweepPostgres } from "./postgres-leftovers.ts";
import { makeSocketFolder, removeSocketFolder } from "./socket-folder.ts";

const SCRIPT = fileURLToPath(new URL("../../embedded/documentdb.sh", import.meta.url));
const FETCH_TIMEOUT_MS = 20 * 60_000;
const READY_TIMEOUT_MS = 30_000;
const launchDocumentdb =
  (engine: EngineFolder, { folder: parent, port: wanted, temporary }: Setup): Launch =>
  async () => {
    mkdirSync(path.join(parent, "documentdb"), { recursive: true, mode: 0o700 });
    // The processes' working folder is compared with it.
    const folder = realpathSync(path.join(parent, "documentdb"));
    const port = await choosePort(wanted === undefined ? {} : { wanted });
    const sockets = makeSocketFolder(folder);
    const { server: postgres, data } = await startPostgres({ engine, folder, socketFolder: sockets, temporary }).catch(
      (error: unknown) => {
        removeSocketFolder(folder);
        throw error;
      },
    );
    const endPostgres = async (end: () => Promise<void>) => {
      await end();
      await sweepPostgres(data);
      removeSocketFolder(folder);
    };
    const ferretdb = await startGuarded({
      command: [
        path.join(engine, "bin/ferretdb"),
        `--postgresql-url=postgres:///postgres?host=${sockets}&user=postgres`,
        `--listen-addr=127.0.0.1:${port}`,
        "--no-auth",
        "--telemetry=disable",
        "--debug-addr=-",
        `--state-dir=${folder}`,
        // INFO writes a line per command.
        "--log-level=WARN",
      ],
      stopSignal: "TERM",
      logFile: path.join(folder, "ferretdb.log"),
    }).catch(async (error: unknown) => {
      await endPostgres(() => postgres.stop());
      throw error;
    });
    recordProcesses(parent, [ferretdb.identity, postgres.identity]);

    let ending: Promise<void> | undefined;
    const stop = () => {
      ending ??= ferretdb.stop().then(() => endPostgres(() => postgres.stop()));
      return ending;
    };
    const kill = () => {
      ending = Promise.all([ferretdb.kill(), endPostgres(postgres.kill)]).then(() => {});
      return ending;
    };
    const url = `mongodb://127.0.0.1:${port}/?retryWrites=false`;
    try {
      const version = await poll(
        async () => {
          if (!ferretdb.isRunning()) throw new Error(`FerretDB ended: ${ferretdb.lastWords()}`);
          return greetMongo(url, 1_000).catch(() => undefined);
        },
        { timeoutMs: READY_TIMEOUT_MS, everyMs: 50 },
      );
      if (version === undefined) throw new Error(`FerretDB was not ready after ${READY_TIMEOUT_MS / 1000} s`);
      // One without the other is of no use: when either ends by itself, so does the other.
      const ended = Promise.race([ferretdb.ended, postgres.ended]).then(() => ending ?? kill());
      return { url, version, ended, stop, kill };
    } catch (error) {
      await stop();
      throw error;
    }
  };

/** FerretDB in front of PostgreSQL with DocumentDB: no Docker, no root, no MongoDB build. */
export const documentdb = (setup: Setup, cache: string): Source => ({
  kind: "embedded FerretDB and DocumentDB",
  family: "documentdb",
  prepare: async () => {
    if (process.platform !== "linux" || process.arch !== "x64") {
      throw new Error(
        `made for Linux on x64, this is ${process.platform} on ${process.arch}: use Docker or install mongod`,
      );
    }
    const engine = await run(["bash", SCRIPT, cache], { timeoutMs: FETCH_TIMEOUT_MS, log: setup.log });
    return launchDocumentdb(engine, setup);
  },
});
