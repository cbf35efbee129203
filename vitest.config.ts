import { defineConfig } from "vitest/config";

// Workers get these as --conditions for all that they load: "import" among them would hand ES modules to require().
const conditions = ["source", "node"];
const tests = (suffix: string) => [
  `{packages,services}/*/test/**/*.${suffix}.test.ts`,
  `{tools,bench}/test/**/*.${suffix}.test.ts`,
];
const common = { resolve: { conditions }, ssr: { resolve: { conditions } } };
/** `eventsource`, which the client of MCP needs, means its own TypeScript by "source": Node strips no types there. */
const server = { deps: { inline: ["@modelcontextprotocol/client", "eventsource"] } };
/** What takes minutes runs in `npm run test:long` only. */
const exclude = process.env.KEYNODE_TEST_LONG === "1" ? [] : ["**/*.long.*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      { ...common, test: { name: "unit", include: tests("unit"), exclude, pool: "threads", testTimeout: 20_000 } },
      {
        ...common,
        test: {
          name: "engines",
          include: ["contract", "int"].flatMap(tests),
          exclude,
          server,
          pool: "forks",
          testTimeout: 30_000,
          hookTimeout: 120_000,
          globalSetup: ["./packages/engines/src/vitest.ts"],
          setupFiles: process.env.KEYNODE_EXAMPLES === undefined ? [] : ["./tools/examples/recorder.ts"],
        },
      },
      {
        ...common,
        test: {
          name: "e2e",
          include: ["e2e/**/*.e2e.test.ts"],
          exclude,
          server,
          pool: "forks",
          testTimeout: 60_000,
          hookTimeout: 180_000,
          globalSetup: ["./e2e/setup.ts"],
        },
      },
    ],
  },
});
