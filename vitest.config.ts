import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Workers get these as --conditions for all that they load: "import" among them would hand ES modules to require().
const conditions = ["source", "node"];
const tests = (suffix: string) => [
  `{packages,services}/*/test/**/*.${suffix}.test.ts`,
  `{tools,bench}/test/**/*.${suffix}.test.ts`,
  `e2e/**/*.${suffix}.test.ts`,
];
const common = { resolve: { conditions }, ssr: { resolve: { conditions } } };
/** `eventsource`, which the client of MCP needs, means its own TypeScript by "source": Node strips no types there. */
const server = { deps: { inline: ["@modelcontextprotocol/client", "eventsource"] } };
const cores = availableParallelism();
/** Projects run one after the other, each with as many workers as leave no core idle: journeys have a whole installation beside them. */
const turn = (groupOrder: number, maxWorkers: number) => ({ sequence: { groupOrder }, maxWorkers });
const properties = "./tools/vitest/property-runs.ts";
/** What takes minutes runs in `npm run test:long` only. */
const exclude = process.env.KEYNODE_TEST_LONG === "1" ? [] : ["**/*.long.*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        ...common,
        test: {
          name: "unit",
          include: tests("unit"),
          exclude,
          pool: "threads",
          // No module keeps state, so that each is loaded once: half of the time.
          isolate: false,
          ...turn(0, cores),
          setupFiles: [properties],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...common,
        test: {
          name: "engines",
          include: ["contract", "int"].flatMap(tests),
          exclude,
          ...turn(1, cores),
          server,
          pool: "forks",
          testTimeout: 30_000,
          hookTimeout: 120_000,
          globalSetup: ["./packages/engines/src/vitest.ts"],
          setupFiles: [
            properties,
            ...(process.env.KEYNODE_EXAMPLES === undefined ? [] : ["./tools/examples/recorder.ts"]),
          ],
        },
      },
      {
        ...common,
        test: {
          name: "e2e",
          include: ["e2e/**/*.e2e.test.ts"],
          exclude,
          ...turn(2, Math.max(1, cores - 1)),
          server,
          pool: "forks",
          // Journeys keep to names of their own, so that they may share what they have loaded.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
          globalSetup: ["./e2e/setup.ts"],
        },
      },
    ],
  },
});
