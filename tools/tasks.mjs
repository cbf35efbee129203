import { existsSync } from "node:fs";
import path from "node:path";

const SOURCE = "--conditions=source";

const node = (...args) => ({ program: "node", args: [SOURCE, ...args] });

/** The launcher waits nearly all the time: it may be slow, and gives back what starting took (tools/launch/footprint.ts). */
const FRUGAL = ["--expose-gc", "--optimize-for-size", "--import=@keynode/telemetry/idle-collection"];

const BASELINE = "proto/baseline.binpb";

const turboBuild = (...args) => ({
  program: "turbo",
  args: ["run", "build", "--output-logs=errors-only", ...args],
  env: { TURBO_TELEMETRY_DISABLED: "1" },
});

/** The journeys run what is shipped, so it is built first; turbo knows what is built already. */
const tested = (args, env = {}) => [
  { title: "build", ...turboBuild() },
  { program: "vitest", args: ["run", ...args], env: { KEYNODE_BUILT: "1", ...env } },
];

const check = (title, program, ...args) => ({ title, program, args, goOn: true });

/** Every task, as the steps that it takes for its arguments; a failing step ends it unless the step says `goOn`. */
export const tasks = {
  start: (args) => [
    ...(args.includes("--no-build") ? [] : [{ title: "build", ...turboBuild() }]),
    {
      program: "node",
      args: [...FRUGAL, "tools/dist/start.js", ...args.filter((argument) => argument !== "--no-build")],
      owned: true,
    },
  ],
  test: (args) => tested(args),
  "test:long": (args) => tested(args, { KEYNODE_TEST_LONG: "1" }),
  gen: (args) => [node("packages/contracts/generate.mjs", ...args), node("tools/client/generate.ts", ...args)],
  check: (_args, { root }) => [
    // Types across packages are read off what is built.
    { title: "build", ...turboBuild() },
    check("format", "biome", "format"),
    check("lint", "oxlint", "--type-aware", "--deny-warnings"),
    check("types", "tsc", "-p", "tsconfig.json"),
    check("proto lint", "buf", "lint"),
    check("proto format", "buf", "format", "proto", "--diff", "--exit-code"),
    { ...node("packages/contracts/generate.mjs", "--check"), title: "generated code", goOn: true },
    { ...node("tools/client/generate.ts", "--check"), title: "generated client", goOn: true },
    ...(existsSync(path.join(root, BASELINE))
      ? [check("proto compatibility", "buf", "breaking", "proto", "--against", BASELINE)]
      : []),
  ],
  build: (args) => [turboBuild(...args)],
  "audit:verify": (args) => [node("tools/audit-verify.ts", ...args)],
  bench: (args) => [node("bench/src/main.ts", ...args)],
  examples: (args) => [node("tools/examples/main.ts", ...args)],
  fuzz: (args) => [{ title: "build", ...turboBuild() }, node("tools/fuzz/main.ts", ...args)],
  "new:service": (args) => [node("tools/new-service.ts", ...args)],
  capabilities: (args) => [
    ...(args.includes("--results") ? [] : [{ title: "build", ...turboBuild() }]),
    { ...node("tools/capabilities.ts", ...args), env: { KEYNODE_BUILT: "1" } },
  ],
  exec: (args) => [node(...args)],
};
