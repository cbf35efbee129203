import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { identify } from "@keynode/engines/process-identity";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isServing } from "../../launch/health.ts";
import { type Keynode, startKeynode } from "../../launch/keynode.ts";
import { discoverServices } from "../../launch/services.ts";
import { readSettings } from "../../launch/settings.ts";

const PATIENCE = { timeout: 20_000 };
const WORKLOAD = path.join(import.meta.dirname, "workload.mjs");

let root: string;
let lines: string[];
let keynode: Keynode | undefined;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "keynode-launch-"));
  lines = [];
  keynode = undefined;
});
afterEach(async () => {
  await keynode?.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
});

const addService = (name: string, main?: string) => {
  mkdirSync(path.join(root, "services", name, "dist"), { recursive: true });
  writeFileSync(path.join(root, "services", name, "package.json"), `{ "type": "module" }`);
  if (main !== undefined) writeFileSync(path.join(root, "services", name, "dist", "main.js"), main);
};
const wellBehaved = `await import(${JSON.stringify(WORKLOAD)});`;

const start = async (): Promise<Keynode> => {
  keynode = await startKeynode({
    services: discoverServices(root),
    settings: readSettings(root, {}),
    log: (line) => lines.push(line),
    temporary: true,
  });
  return keynode;
};

const portOf = (service: string): number =>
  (JSON.parse(readFileSync(path.join(root, ".keynode", "ports.json"), "utf8")) as Record<string, number>)[service] ?? 0;

test("services come up around one that is not built and one that fails, and stop before the engines", async () => {
  addService("gateway", wellBehaved);
  addService("lead", wellBehaved);
  addService("broken", "process.exit(78);");
  addService("draft");
  const running = await start();

  expect(await (await fetch(`${running.baseUrl}/healthz`)).text()).toBe("gateway");
  expect(await isServing(`127.0.0.1:${portOf("lead")}`)).toBe(true);
  expect(lines.find((line) => line.startsWith("draft: is left out"))).toBeDefined();
  expect(lines.find((line) => line.startsWith("broken: its configuration is refused"))).toBeDefined();
  const credentials: unknown = JSON.parse(readFileSync(running.credentialsFile, "utf8"));
  expect(credentials).toMatchObject({ baseUrl: running.baseUrl, tenant: "demo", adminEmail: "admin@demo.example" });
  expect(statSync(running.credentialsFile).mode & 0o777).toBe(0o600);

  const lead = running.services.get("lead");
  lead?.crash();
  await expect.poll(() => lead?.restarts(), PATIENCE).toBe(1);
  await expect.poll(() => isServing(`127.0.0.1:${portOf("lead")}`), PATIENCE).toBe(true);

  const pids = [...running.services.values()].map((service) => service.pid()).filter((pid) => pid !== undefined);
  expect(pids).toHaveLength(2);
  await running.stop();
  expect(pids.map(identify)).toEqual([undefined, undefined]);
  expect(await fetch(`${running.baseUrl}/healthz`).catch(() => "closed")).toBe("closed");
});

test("a second start finds the same address, credentials and secrets", async () => {
  addService("gateway", wellBehaved);
  const first = await start();
  const credentials = readFileSync(first.credentialsFile, "utf8");
  await first.stop();
  const second = await start();
  expect(readFileSync(second.credentialsFile, "utf8")).toBe(credentials);
});

test("a start on a folder in use is refused and leaves the other alone", async () => {
  addService("gateway", wellBehaved);
  const running = await start();
  await expect(
    startKeynode({ services: discoverServices(root), settings: readSettings(root, {}), log: () => {} }),
  ).rejects.toThrow(/in use by process/);
  expect((await fetch(`${running.baseUrl}/healthz`)).status).toBe(200);
});
