import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";

const script = path.resolve(import.meta.dirname, "../../.ci/report.mjs");

/** What the report says of a folder with these files. */
const report = (files: Readonly<Record<string, string>>): { lines: string[]; exitCode: number | null } => {
  const folder = mkdtempSync(path.join(tmpdir(), "keynode-ci-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const { stdout, status } = spawnSync(process.execPath, [script, folder], { encoding: "utf8", cwd: folder });
  return { lines: stdout.trimEnd().split("\n"), exitCode: status };
};

type Test = { status: string; fullName: string; failureMessages: string[] };
const passing = (fullName: string): Test => ({ status: "passed", fullName, failureMessages: [] });
const failing = (fullName: string, message: string): Test => ({
  status: "failed",
  fullName,
  failureMessages: [message],
});
const vitest = (...assertionResults: Test[]): string =>
  JSON.stringify({
    numPassedTests: assertionResults.filter(({ status }) => status === "passed").length,
    testResults: [{ name: "a.unit.test.ts", status: "passed", message: "", assertionResults }],
  });

const green = {
  "tests.exit": "0",
  "tests.json": vitest(passing("one")),
  "checks.exit": "0",
  "checks.log": "ok format (0.1 s)\nok lint (2 s)\n",
};

it("a run without a failure counts tests and checks, and succeeds", () => {
  expect(report(green)).toEqual({ lines: ["3 passed, 0 failed"], exitCode: 0 });
});

it("a failing test is named with its message, and fails the run", () => {
  const { lines, exitCode } = report({
    ...green,
    "tests.exit": "1",
    "tests.json": vitest(failing("adds", "Error: expected 1\n  to be 2"), passing("b")),
  });
  expect(lines).toEqual([
    expect.stringMatching(/^FAILED .*a\.unit\.test\.ts > adds$/),
    "  Error: expected 1",
    "    to be 2",
    "3 passed, 1 failed",
  ]);
  expect(exitCode).toBe(1);
});

it("a file that cannot be loaded is a failure", () => {
  const broken = JSON.stringify({
    numPassedTests: 0,
    testResults: [{ name: "b.ts", status: "failed", message: "no such module", assertionResults: [] }],
  });
  expect(report({ ...green, "tests.exit": "1", "tests.json": broken }).lines.at(-1)).toBe("2 passed, 1 failed");
});

it("a failing check is named with what it found", () => {
  const log = "ok format (0.1 s)\nFAILED types (3.0 s)\na.ts(1,1): error TS2322\nok proto lint (1 s)\n";
  expect(report({ ...green, "checks.exit": "1", "checks.log": log }).lines).toEqual([
    "FAILED types (3.0 s)",
    "  a.ts(1,1): error TS2322",
    "3 passed, 1 failed",
  ]);
});

it("what the fuzzer found is named by its operation, with what is wrong and how to see it again", () => {
  const log = `Schemathesis v4
=================================== FAILURES ===================================
____________________________ GET /v1/events:stream _____________________________
1. Test Case ID: MC3inY

- Undocumented HTTP status code

[409] Conflict:

Reproduce with:

    curl -X GET http://127.0.0.1:8080/v1/events:stream

________________________________ POST /v1/leads ________________________________
1. Test Case ID: bF9vQz

- Server error

=================================== SUMMARY ====================================
Seed: 1
`;
  const { lines, exitCode } = report({ ...green, "fuzz.exit": "1", "fuzz.log": log });
  expect(lines).toEqual([
    "FAILED fuzz GET /v1/events:stream",
    "  1. Test Case ID: MC3inY",
    "  - Undocumented HTTP status code",
    "  [409] Conflict:",
    "  Reproduce with:",
    "      curl -X GET http://127.0.0.1:8080/v1/events:stream",
    "FAILED fuzz POST /v1/leads",
    "  1. Test Case ID: bF9vQz",
    "  - Server error",
    "3 passed, 2 failed",
  ]);
  expect(exitCode).toBe(1);
});

it("fuzzing that finds nothing counts as one; that cannot run is a failure with its last words", () => {
  expect(report({ ...green, "fuzz.exit": "0", "fuzz.log": "Seed: 1" }).lines).toEqual(["4 passed, 0 failed"]);
  const { lines } = report({ ...green, "fuzz.exit": "1", "fuzz.log": "schemathesis cannot be installed" });
  expect(lines).toContain("FAILED fuzz ended with exit code 1");
  expect(lines).toContain("  schemathesis cannot be installed");
});

it("tests that crash, or end badly though each passed, are a failure", () => {
  expect(report({ ...green, "tests.exit": "1" }).lines).toContain("FAILED tests ended with exit code 1");
  const { lines, exitCode } = report({ "tests.exit": "124", "tests.log": "waiting" });
  expect(lines).toEqual(["FAILED tests ran out of time", "  waiting", "0 passed, 1 failed"]);
  expect(exitCode).toBe(1);
});

it("many failures are cut so that they fit into 100 lines, and all are counted", () => {
  const many = Array.from({ length: 60 }, (_, index) => failing(`test ${index}`, "one\ntwo\nthree\nfour"));
  const { lines } = report({ ...green, "tests.exit": "1", "tests.json": vitest(...many) });
  expect(lines.length).toBeLessThanOrEqual(100);
  expect(lines.at(-1)).toBe("2 passed, 60 failed");
});

it("a run in which nothing ran does not succeed", () => {
  expect(report({}).exitCode).toBe(1);
});
