import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const PATIENCE = { timeout: 20_000 };
const TOOLS = path.resolve(import.meta.dirname, "../..");

/** A repository with one dependency, a folder of its own, that is entered through a copy of the bootstrap. */
let root: string;
const manifest = (dependencies: Record<string, string>) => ({ name: "sample", version: "1.0.0", dependencies });
const dependencies = { part: "file:part" };
const writeJson = (file: string, value: unknown) => writeFileSync(path.join(root, file), JSON.stringify(value));
const lockfile = (version: string) => ({
  ...manifest(dependencies),
  version,
  lockfileVersion: 3,
  requires: true,
  packages: {
    "": manifest(dependencies),
    "node_modules/part": { resolved: "part", link: true },
    part: { version: "1.0.0" },
  },
});

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "keynode-bootstrap-"));
  mkdirSync(path.join(root, "tools"));
  for (const entry of ["run.mjs", "tasks.mjs", "bootstrap"]) {
    cpSync(path.join(TOOLS, entry), path.join(root, "tools", entry), { recursive: true });
  }
  mkdirSync(path.join(root, "part"));
  writeJson("part/package.json", { name: "part", version: "1.0.0" });
  writeJson("package.json", manifest(dependencies));
  writeJson("package-lock.json", lockfile("1.0.0"));
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

type Outcome = { code: number | null; out: string; err: string };

const begin = (...args: string[]): { child: ChildProcess; outcome: Promise<Outcome>; heard: () => string } => {
  const child = spawn(process.execPath, [path.join(root, "tools", "run.mjs"), ...args], { cwd: tmpdir() });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const outcome = once(child, "close").then(([code]): Outcome => ({ code, out, err }));
  return { child, outcome, heard: () => out + err };
};
const run = (...args: string[]) => begin(...args).outcome;

const task = (name: string, text: string): string => {
  const file = path.join(root, name);
  writeFileSync(file, text);
  return file;
};

test("a task that is not known is refused, with those that are", async () => {
  const { code, err } = await run("launch");
  expect(code).toBe(2);
  expect(err).toContain(
    "start, test, test:long, gen, check, build, audit:verify, bench, examples, fuzz, new:service, capabilities, exec",
  );
});

test("arguments and the exit code pass through, and the task runs in the root", async () => {
  const file = task("args.mjs", "console.log(process.cwd(), ...process.argv.slice(2)); process.exitCode = 7;");
  const { code, out } = await run("exec", file, "--flag", "two words");
  expect(out.trim()).toBe(`${root} --flag two words`);
  expect(code).toBe(7);
});

describe("dependencies", () => {
  const nothing = () => run("exec", task("nothing.mjs", ""));

  test("are installed before the first task, and again when the lockfile changes", async () => {
    expect((await nothing()).err).toContain("Installing dependencies.");
    expect((await nothing()).err).toBe("");
    rmSync(path.join(root, "node_modules"), { recursive: true, force: true });
    writeJson("package-lock.json", lockfile("1.0.1"));
    expect((await nothing()).err).toContain("Installing dependencies.");
  });

  test("that were installed by hand are not installed again", async () => {
    mkdirSync(path.join(root, "node_modules"));
    writeJson("node_modules/.package-lock.json", { packages: {} });
    expect((await nothing()).err).toBe("");
  });

  test("that cannot be installed stop the task, with npm's last lines", async () => {
    writeJson("package.json", manifest({ "left-pad": "1.3.0" }));
    const { code, err } = await nothing();
    expect(code).toBe(1);
    expect(err).toMatch(/npm ci failed[^]*in sync/);
    expect(existsSync(path.join(root, ".keynode", "installed"))).toBe(false);
  });
});

describe("runs at once", () => {
  test("install one after the other", async () => {
    const file = task("nothing.mjs", "");
    const outcomes = await Promise.all([run("exec", file), run("exec", file), run("exec", file)]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(outcomes.filter(({ err }) => err.includes("Installing dependencies."))).toHaveLength(1);
  });

  test("do not wait for a run that was killed while it installed", async () => {
    mkdirSync(path.join(root, ".keynode"));
    writeJson(".keynode/bootstrap.lock", { pid: process.pid, start: "another process's" });
    expect((await run("exec", task("nothing.mjs", ""))).code).toBe(0);
    writeFileSync(path.join(root, ".keynode", "bootstrap.lock"), "cut sho");
    expect((await run("exec", task("nothing.mjs", ""))).code).toBe(0);
  });
});

test("a signal reaches the task, and its end is waited for", async () => {
  const file = task(
    "stay.mjs",
    `process.once("SIGTERM", () => setTimeout(() => { console.log("drained"); process.exit(0); }, 100));
     console.log("up"); setInterval(() => {}, 1000);`,
  );
  const { child, outcome, heard } = begin("exec", file);
  await expect.poll(heard, PATIENCE).toContain("up");
  child.kill("SIGTERM");
  expect(await outcome).toMatchObject({ code: 0, out: "up\ndrained\n" });
});

test("the pinned Node is named in one place and is the one that types and images are for", () => {
  const pinned = /VERSION = "([\d.]+)"/.exec(readFileSync(path.join(TOOLS, "bootstrap/node-runtime.mjs"), "utf8"))?.[1];
  const repository = path.resolve(TOOLS, "..");
  const { engines } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8"));
  expect(engines.node).toBe(`>=${pinned?.split(".")[0]} <${Number(pinned?.split(".")[0]) + 1}`);
  expect(readFileSync(path.join(repository, "deploy/Dockerfile"), "utf8")).toContain(`node:${pinned}-`);
});
