import { defineConfig } from "vitest/config";

const conditions = ["source", "node", "import", "module", "default"];
const tests = (suffix: string) => [
  `{packages,services}/*/test/**/*.${suffix}.test.ts`,
  `{tools,bench}/test/**/*.${suffix}.test.ts`,
  `e2e/**/*.${suffix}.test.ts`,
];
const common = { resolve: { conditions }, ssr: { resolve: { conditions } } };
/** What takes minutes runs in `npm run test:long` only. */
const long = process.env.KEYNODE_TEST_LONG === "1" ? [] : ["**/*.long.*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      { ...common, test: { name: "unit", include: tests("unit"), exclude: long, pool: "threads" } },
      {
        ...common,
        test: {
          name: "engines",
          include: ["contract", "int", "e2e"].flatMap(tests),
          exclude: long,
          pool: "forks",
          testTimeout: 30_000,
          hookTimeout: 120_000,
          globalSetup: ["./packages/engines/src/vitest.ts"],
        },
      },
    ],
  },
});
