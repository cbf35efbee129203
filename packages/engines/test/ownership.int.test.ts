import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { greetNats } from "../src/nats/greet.ts";
import { resolveNats } from "../src/resolve.ts";

const PATIENCE = { timeout: 20_000 };
const OWNER = fileURLToPath(new URL("owner.ts", import.meta.url));
const log = () => {};

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "keynode-ownership-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));

const startOwner = async () => {
  const owner = spawn(process.execPath, [OWNER, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = await once(owner.stdout, "data");
  return { owner, url: String(url).trim() };
};

const isUp = (url: string) =>
  greetNats(url, 1000).then(
    () => true,
    () => false,
  );

test("a server stops when its owner is killed", async () => {
  const { owner, url } = await startOwner();
  expect(await isUp(url)).toBe(true);
  owner.kill("SIGKILL");
  await expect.poll(() => isUp(url), PATIENCE).toBe(false);
});

test("a start right after its owner was killed has the same data at the same address", async () => {
  const { owner, url } = await startOwner();
  const client = await connect({ servers: url, reconnect: false });
  await (await jetstreamManager(client)).streams.add({ name: "KEPT", subjects: ["kept"] });
  await jetstream(client).publish("kept", "payload");
  owner.kill("SIGKILL");
  await once(owner, "exit");
  const bus = await resolveNats({ dataDir, log, own: true });
  try {
    expect(bus.url).toBe(url);
    const again = await connect({ servers: url });
    expect((await (await jetstreamManager(again)).streams.info("KEPT")).state.messages).toBe(1);
    await again.close();
  } finally {
    await bus.stop();
  }
});

test("a second owner of a data folder is refused and names the first", async () => {
  const { owner, url } = await startOwner();
  await expect(resolveNats({ dataDir, log, own: true })).rejects.toThrow(new RegExp(`in use by process ${owner.pid}`));
  expect(await isUp(url)).toBe(true);
  owner.kill("SIGTERM");
  await once(owner, "exit");
  const bus = await resolveNats({ dataDir, log, own: true });
  await bus.stop();
});

test("an engine that is kept alive comes back by itself", async () => {
  const lines: string[] = [];
  const bus = await resolveNats({ dataDir, log: (line) => lines.push(line), own: true, keepAlive: true });
  try {
    const recorded: unknown = JSON.parse(readFileSync(path.join(dataDir, "nats", "processes.json"), "utf8"));
    const [server] = recorded as { pid: number }[];
    process.kill(server?.pid ?? 0, "SIGKILL");
    await expect.poll(() => lines, PATIENCE).toContain("NATS ended unexpectedly: starting it again");
    await expect.poll(() => isUp(bus.url), PATIENCE).toBe(true);
  } finally {
    await bus.stop();
  }
});

test("a busy port is named", async () => {
  const { owner, url } = await startOwner();
  const elsewhere = mkdtempSync(path.join(tmpdir(), "keynode-ownership-"));
  const port = Number(new URL(url).port);
  await expect(resolveNats({ dataDir: elsewhere, log, own: true, nats: { port } })).rejects.toThrow(`port ${port}`);
  owner.kill("SIGTERM");
  await once(owner, "exit");
  rmSync(elsewhere, { recursive: true, force: true });
});

test("passwords are in a file that only its owner reads", async () => {
  const users = [{ user: "lead", password: "secret", publish: [">"], subscribe: [">"] }];
  const bus = await resolveNats({ dataDir, log, own: true, nats: { users } });
  await bus.stop();
  expect(statSync(path.join(dataDir, "nats", "nats.conf")).mode & 0o777).toBe(0o600);
});
