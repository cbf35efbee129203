import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { npm } from "./npm.mjs";

const read = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

/** Whether node_modules holds what the lockfile names, as after an `npm install` by hand. Packages of other platforms are optional. */
const isInstalled = (root, lockfile) => {
  const installed = read(path.join(root, "node_modules/.package-lock.json"));
  if (installed === undefined) return false;
  const present = JSON.parse(installed).packages;
  return Object.entries(JSON.parse(lockfile).packages)
    .filter(([location, entry]) => location.startsWith("node_modules/") && entry.link !== true)
    .every(([location, { version, integrity, optional }]) => {
      const found = present[location];
      return found === undefined ? optional === true : found.version === version && found.integrity === integrity;
    });
};

/** Runs `npm ci` under `node` when package-lock.json is not the one that was last installed from. */
export const ensureDependencies = async ({ root, folder, node }) => {
  const lockfile = readFileSync(path.join(root, "package-lock.json"), "utf8");
  const stamp = createHash("sha256").update(lockfile).update(process.platform).update(process.arch).digest("hex");
  const stampFile = path.join(folder, "installed");
  // npm ci removes node_modules first, so its own record tells whether the last one came to its end.
  const hasModules = read(path.join(root, "node_modules/.package-lock.json")) !== undefined;
  if (hasModules && read(stampFile) === stamp) return;
  if (!isInstalled(root, lockfile)) {
    console.error("Installing dependencies.");
    await npm(["ci", "--no-audit", "--no-fund"], { cwd: root, node });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(stampFile, stamp);
};
