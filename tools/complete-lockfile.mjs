/**
 * `node tools/complete-lockfile.mjs [FOLDER]`, after `npm install` added a package with native parts. npm leaves packages of
 * other platforms out of package-lock.json where the registry does not offer them, and `npm ci` then refuses the file as
 * out of step, on every machine. This adds what is missing, as optional and bound to its platform. Such an entry has
 * no integrity: only `npm install` on a registry that has the package can add it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** How package names write what npm's `os` and `cpu` fields call it. */
const systems = { windows: "win32" };
const processors = { 64: "x64", armv7: "arm" };
const knownSystems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const knownProcessors = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];

/** The platform that a package's name ends with: `@oxlint/binding-linux-x64-musl` → linux, x64, musl. */
const platformOf = (name) => {
  const words = name.split(/[/-]/);
  const system = words.map((word) => systems[word] ?? word).find((word) => knownSystems.includes(word));
  const processor = words.map((word) => processors[word] ?? word).find((word) => knownProcessors.includes(word));
  if (system === undefined || processor === undefined) return undefined;
  return {
    os: [system],
    cpu: [processor],
    ...(words.some((word) => word.startsWith("musl")) ? { libc: ["musl"] } : {}),
  };
};

/** Where npm would look for a dependency of the package at `location`, nearest first. */
const places = (location, name) => {
  const found = [];
  for (let at = location; at !== ""; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$|(^|\/)[^/]+$/, "")) {
    found.push(`${at}/node_modules/${name}`);
  }
  return [...found, `node_modules/${name}`];
};

const file = path.join(process.argv[2] ?? ".", "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const added = [];
const unclear = [];
for (const [location, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (places(location, name).some((place) => place in lock.packages)) continue;
    const platform = platformOf(name);
    if (platform === undefined || !/^\d/.test(version)) unclear.push(`${name}@${version}`);
    else {
      lock.packages[`node_modules/${name}`] = { version, ...(dev ? { dev } : {}), optional: true, ...platform };
      added.push(`${name}@${version}`);
    }
  }
}
const byName = ([left], [right]) => left.localeCompare(right, "en");
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byName));
if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

console.log(`${added.length} packages of other platforms added`);
if (unclear.length > 0) {
  console.error(`not added, since their names tell no platform: ${unclear.join(", ")}`);
  process.exitCode = 1;
}
