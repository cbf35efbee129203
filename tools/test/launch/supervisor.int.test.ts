import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { identify } from "@keynode/engines/process-identity";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DEFAULT_POLICY, supervise } from "../../launch/supervisor.ts";
import { workload } from "./workload.ts";

const PATIENCE = { timeout: 15_000 };
const policy = { ...DEFAULT_POLICY, maxRestarts: 2, firstPauseMs: 10, stopMs: 300 };

let folder: string;
let lines: string[];
let logFile: string;
const log = (line: string) => {
  lines.push(line);
};
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "keynode-supervisor-"));
  logFile = path.join(folder, "workload.log");
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The workload writes a line once its handlers are in place. */
const untilUp = () => expect.poll(() => existsSync(logFile) && readFileSync(logFile, "utf8"), PATIENCE).toContain("up");
const isThere = (pid: number | undefined) => pid !== undefined && identify(pid) !== undefined;

test("a crashed process is started again", async () => {
  const service = supervise(workload({ behaviour: "drain", logFile }), { log, policy });
  await untilUp();
  const first = service.pid();
  service.crash();
  await expect.poll(() => service.restarts(), PATIENCE).toBe(1);
  await expect.poll(() => service.pid(), PATIENCE).toBeDefined();
  expect(service.pid()).not.toBe(first);
  expect(lines).toEqual(["workload: ended with SIGKILL; started again in 10 ms"]);
  await service.stop();
});

test("a process that keeps crashing is given up, with its last words", async () => {
  const service = supervise(workload({ behaviour: "crash", logFile }), { log, policy });
  expect(await service.over).toMatch(/^workload: ended with 3; given up\.[^]*out of luck/);
  expect(service.restarts()).toBe(policy.maxRestarts);
  expect(lines.map((line) => line.match(/in (\d+) ms/)?.[1])).toEqual(["10", "20"]);
});

test("a refused configuration is not tried again", async () => {
  const service = supervise(workload({ behaviour: "misconfigured", logFile }), { log, policy });
  expect(await service.over).toMatch(/its configuration is refused; given up\.[^]*GRPC_PORT: is missing/);
  expect(service.restarts()).toBe(0);
});

test("a process that is stopped drains and is not started again", async () => {
  const file = path.join(folder, "drained");
  const service = supervise(workload({ behaviour: "drain", logFile, file }), { log, policy: DEFAULT_POLICY });
  await untilUp();
  const pid = service.pid();
  await Promise.all([service.stop(), service.stop()]);
  expect(await service.over).toBeUndefined();
  expect(readFileSync(file, "utf8")).toBe("drained");
  expect(isThere(pid)).toBe(false);
  expect(lines).toEqual([]);
});

test("a process that does not stop is killed", async () => {
  const service = supervise(workload({ behaviour: "stubborn", logFile }), { log, policy });
  await untilUp();
  const pid = service.pid();
  await service.stop();
  expect(isThere(pid)).toBe(false);
});

test("output goes to the log, and that of the run before is kept", async () => {
  for (const _run of [1, 2]) {
    await supervise(workload({ behaviour: "misconfigured", logFile }), { log, policy }).over;
  }
  expect(readFileSync(logFile, "utf8")).toBe("GRPC_PORT: is missing\n");
  expect(readFileSync(`${logFile}.1`, "utf8")).toBe("GRPC_PORT: is missing\n");
});

test("a process drains and ends when its launcher is killed", async () => {
  const file = path.join(folder, "drained");
  const launcher = spawn(
    process.execPath,
    ["--conditions=source", path.join(import.meta.dirname, "launcher.ts"), "drain", logFile, file],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [first] = await once(launcher.stdout, "data");
  const pid = Number.parseInt(String(first), 10);
  await untilUp();
  launcher.kill("SIGKILL");
  await expect.poll(() => isThere(pid), PATIENCE).toBe(false);
  expect(existsSync(file)).toBe(true);
});
