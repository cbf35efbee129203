import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";
import { recordProcesses } from "../data-folder.ts";
import { startGuarded } from "../guarded-process.ts";
import { poll } from "../poll.ts";
import { choosePort } from "../port.ts";
import type { Launch, Setup } from "../server.ts";
import { type NatsUser, natsConfig } from "./config.ts";
import { greetNats } from "./greet.ts";

export const NATS_FAMILY = "nats-server";

/** Replaying the store of a large JetStream after a crash may take its time. */
const READY_TIMEOUT_MS = 120_000;

/** Older servers lack what consumers rely on; atomic batches need 2.12 and are done without below it. */
const OLDEST = { major: 2, minor: 10 };

/** Throws unless `binary` runs here and is recent enough. */
export const checkNatsServer = async (binary: string): Promise<void> => {
  const output = await run([binary, "--version"], { timeoutMs: 5_000 });
  const [, major, minor] = /v(\d+)\.(\d+)\.\d+/.exec(output) ?? [];
  if (Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor)) return;
  throw new Error(`${binary} is "${output}", at least ${OLDEST.major}.${OLDEST.minor} is needed`);
};

export const launchNats =
  (binary: string, { folder, port: wanted, temporary }: Setup, users: readonly NatsUser[]): Launch =>
  async () => {
    const storeFolder = path.join(folder, "store");
    mkdirSync(storeFolder, { recursive: true, mode: 0o700 });
    const port = await choosePort(wanted === undefined ? {} : { wanted });
    const configFile = path.join(folder, "nats.conf");
    // Written anew: an existing file would keep its mode.
    rmSync(configFile, { force: true });
    writeFileSync(configFile, natsConfig({ host: "127.0.0.1", port, storeFolder, temporary, users }), { mode: 0o600 });
    const server = await startGuarded({
      command: [binary, "--config", configFile],
      stopSignal: "TERM",
      logFile: path.join(folder, "nats.log"),
    });
    recordProcesses(folder, [server.identity]);
    const url = `nats://127.0.0.1:${port}`;
    const info = await poll(
      async () => {
        if (!server.isRunning()) throw new Error(`nats-server ended: ${server.lastWords()}`);
        return greetNats(url, 1_000).catch(() => undefined);
      },
      { timeoutMs: READY_TIMEOUT_MS, everyMs: 25 },
    );
    if (info?.jetstream === true) {
      return { url, version: info.version, ended: server.ended, stop: () => server.stop(), kill: server.kill };
    }
    await server.stop();
    throw new Error(`nats-server did not become ready with JetStream: ${server.lastWords()}`);
  };
