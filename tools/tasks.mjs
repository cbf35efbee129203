import { existsSync } from "node:fs";
import path from "node:path";

const SOURCE = "--conditions=source";
const QUIET_TURBO = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };

const node = (...args) => ({ program: "node", args: [SOURCE, ...args] });

const BASELINE = "proto/baseline.binpb";

/** Every task, as the steps that it takes for its arguments; a failing step ends it unless it has a title. */
export const tasks = {
  start: (args) => [{ ...node("tools/start.ts", ...args), owned: true }],
  test: (args) => [{ program: "vitest", args: ["run", ...args] }],
  "test:long": (args) => [{ program: "vitest", args: ["run", ...args], env: { KEYNODE_TEST_LONG: "1" } }],
  gen: (args) => [node("packages/contracts/generate.mjs", ...args)],
  check: (_args, { root }) => [
    { title: "format", program: "biome", args: ["format"] },
    { title: "lint", program: "oxlint", args: ["--type-aware"] },
    { title: "types", program: "tsc", args: ["-p", "tsconfig.json"] },
    { title: "proto lint", program: "buf", args: ["lint"] },
    { title: "proto format", program: "buf", args: ["format", "--diff", "--exit-code", "proto"] },
    { title: "generated code", ...node("packages/contracts/generate.mjs", "--check") },
    ...(existsSync(path.join(root, BASELINE))
      ? [{ title: "proto compatibility", program: "buf", args: ["breaking", "proto", "--against", BASELINE] }]
      : []),
  ],
  build: (args) => [
    { program: "turbo", args: ["run", "build", "--output-logs=errors-only", ...args], env: QUIET_TURBO },
  ],
  bench: (args) => [node("bench/src/main.ts", ...args)],
  "new:service": (args) => [node("tools/new-service.ts", ...args)],
  capabilities: (args) => [node("tools/capabilities.ts", ...args)],
  exec: (args) => [node(...args)],
};
