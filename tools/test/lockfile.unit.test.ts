import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

type Entry = {
  version?: string;
  optional?: boolean;
  os?: readonly string[];
  cpu?: readonly string[];
  libc?: readonly string[];
  dev?: boolean;
  optionalDependencies?: Readonly<Record<string, string>>;
};
type Lockfile = { packages: Record<string, Entry> };

/** The lockfile after `complete-lockfile.mjs`, and what that said. */
const completed = (packages: Record<string, Entry>): { packages: Record<string, Entry>; said: string } => {
  const folder = mkdtempSync(path.join(tmpdir(), "keynode-lockfile-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "package-lock.json");
  writeFileSync(file, JSON.stringify({ packages }));
  const said = execFileSync(process.execPath, [path.join(root, "tools/complete-lockfile.mjs"), folder], {
    encoding: "utf8",
  });
  return { ...(JSON.parse(readFileSync(file, "utf8")) as Lockfile), said };
};

it("package-lock.json names the packages of every platform, without which npm ci refuses it: node tools/complete-lockfile.mjs", () => {
  const { packages } = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as Lockfile;
  const locations = Object.keys(packages);
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !locations.some((location) => location.endsWith(`node_modules/${name}`)));
  expect(missing).toEqual([]);
});

it("a missing platform is added as optional, bound to its system, processor and libc", () => {
  const { packages, said } = completed({
    "node_modules/tool": {
      dev: true,
      optionalDependencies: {
        "@tool/linux-x64-musl": "1.2.3",
        "@tool/windows-64": "1.2.3",
        "tool-linux-armv7": "1.2.3",
        "@tool/binding-linux-arm-musleabihf": "1.2.3",
      },
    },
  });
  const added = { version: "1.2.3", dev: true, optional: true };
  expect(packages).toMatchObject({
    "node_modules/@tool/linux-x64-musl": { ...added, os: ["linux"], cpu: ["x64"], libc: ["musl"] },
    "node_modules/@tool/windows-64": { ...added, os: ["win32"], cpu: ["x64"] },
    "node_modules/tool-linux-armv7": { ...added, os: ["linux"], cpu: ["arm"] },
    "node_modules/@tool/binding-linux-arm-musleabihf": { ...added, os: ["linux"], cpu: ["arm"], libc: ["musl"] },
  });
  expect(said).toBe("4 packages of other platforms added\n");
});

it("what is there, at the top or nested, is left as it is", () => {
  const before = {
    "node_modules/a": { optionalDependencies: { "a-linux-x64": "1.0.0" } },
    "node_modules/a/node_modules/a-linux-x64": { version: "1.0.0" },
    "node_modules/b": { optionalDependencies: { "b-linux-x64": "2.0.0" } },
    "node_modules/b-linux-x64": { version: "2.0.0" },
    "services/x": { optionalDependencies: { "c-linux-x64": "3.0.0" } },
    "services/x/node_modules/c-linux-x64": { version: "3.0.0" },
  };
  expect(completed(before)).toEqual({ packages: before, said: "0 packages of other platforms added\n" });
});
