import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** What `.ci/run` prints and its exit code where `npm` is this shell script. */
const run = (npm: string): { lines: string[]; exitCode: number | null } => {
  const folder = mkdtempSync(path.join(tmpdir(), "keynode-ci-run-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(path.join(root, ".ci"), path.join(folder, ".ci"), { recursive: true });
  mkdirSync(path.join(folder, "bin"));
  writeFileSync(path.join(folder, "bin/npm"), `#!/bin/sh\n${npm}\n`);
  chmodSync(path.join(folder, "bin/npm"), 0o755);
  const search = [path.join(folder, "bin"), path.dirname(process.execPath), process.env["PATH"] ?? ""];
  const { stdout, status } = spawnSync("bash", [path.join(folder, ".ci/run")], {
    encoding: "utf8",
    cwd: tmpdir(),
    env: { PATH: search.join(path.delimiter) },
  });
  return { lines: stdout.trimEnd().split("\n"), exitCode: status };
};

const results = `echo '{"numPassedTests": 3, "testResults": []}' >.keynode/ci/tests.json`;

it("runs the tests and the checks, says little, and ends with the count", () => {
  const { lines, exitCode } = run(`case "$1" in test) ${results} ;; run) echo "ok format (1 s)" ;; esac`);
  expect(lines).toEqual([
    "tests: npm test -- --reporter=json --outputFile=.keynode/ci/tests.json",
    "checks: npm run check",
    "4 passed, 0 failed",
  ]);
  expect(exitCode).toBe(0);
});

it("goes on after failing tests, and fails", () => {
  const { lines, exitCode } = run(`case "$1" in test) echo "no engine"; exit 3 ;; run) echo "ok format (1 s)" ;; esac`);
  expect(lines.slice(2)).toEqual(["FAILED tests ended with exit code 3", "  no engine", "1 passed, 1 failed"]);
  expect(exitCode).toBe(1);
});

it("says in the environment that nobody watches, and offers no input", () => {
  const { lines } = run(
    `case "$1" in test) ${results}; [ "$CI" = true ] && ! read -r _ ;; run) echo "ok format (1 s)" ;; esac`,
  );
  expect(lines.at(-1)).toBe("4 passed, 0 failed");
});
