// Reads what .ci/run left in a folder: shows what failed, then counts. Runs under any Node from 20 on.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** So that the failures fit into the last 100 lines, with the count. */
const lineBudget = 95;
const linesPerFailure = 12;

const [folder = ".keynode/ci"] = process.argv.slice(2);
const read = (file) => (existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), "utf8") : "");

/** The start of a message says what is wrong, the rest where. */
const head = (message, count = linesPerFailure) =>
  message
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !/^\s+at .*node_modules/.test(line))
    .slice(0, count);

const tail = (text, count = linesPerFailure) => text.trimEnd().split("\n").slice(-count);

/** vitest's JSON: tests, and files that failed before any of their tests ran. */
const fromVitest = (text) => {
  const { testResults = [], numPassedTests = 0 } = JSON.parse(text);
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (status === "failed" && failed.length === 0) return [{ title: file, lines: head(message ?? "") }];
    return failed.map((test) => ({
      title: `${file} > ${test.fullName}`,
      lines: head((test.failureMessages ?? []).join("\n")),
    }));
  });
  return { passed: numPassedTests, failures };
};

/** `npm run check` says `ok NAME` or `FAILED NAME` of each of its checks, and shows the output of the failed ones. */
const fromChecks = (log) => {
  const parts = log.split(/^(?=(?:ok|FAILED) )/m).filter((part) => /^(ok|FAILED) /.test(part));
  const failures = parts
    .filter((part) => part.startsWith("FAILED "))
    .map((part) => {
      const [title = "", ...output] = part.slice("FAILED ".length).split("\n");
      return { title, lines: head(output.join("\n")) };
    });
  return { passed: parts.length - failures.length, failures };
};

/** schemathesis writes an operation's name between two rules, and below it what it found there. */
const fromFuzz = (log, exitCode) => {
  const [, ...parts] = log.split(/^_{3,} (\S.*\S) _{3,}$/m);
  const failures = parts.flatMap((title, index) =>
    index % 2 === 0 ? [{ title: `fuzz ${title}`, lines: head(parts[index + 1].split(/^={3,}/m)[0]) }] : [],
  );
  return { passed: exitCode === 0 ? 1 : 0, failures };
};

const outcome = (step, exitCode, log) => {
  if (step === "tests" || step === "long") {
    const results = read(`${step}.json`);
    return results === "" ? { passed: 0, failures: [] } : fromVitest(results);
  }
  if (step === "checks") return fromChecks(log);
  if (step === "fuzz") return fromFuzz(log, exitCode);
  return { passed: exitCode === 0 ? 1 : 0, failures: [] };
};

const steps = ["tests", "long", "fuzz", "checks", "capabilities"].filter((step) =>
  existsSync(path.join(folder, `${step}.exit`)),
);

let passed = 0;
const failures = [];
for (const step of steps) {
  const exitCode = Number(read(`${step}.exit`));
  const log = read(`${step}.log`);
  const found = outcome(step, exitCode, log);
  passed += found.passed;
  failures.push(...found.failures);
  // Something went wrong that no result tells of: a crash, a time limit, an error outside of any test.
  if (exitCode !== 0 && found.failures.length === 0) {
    const why = exitCode === 124 || exitCode === 137 ? "ran out of time" : `ended with exit code ${exitCode}`;
    failures.push({ title: `${step} ${why}`, lines: tail(log) });
  }
}

let left = lineBudget;
for (const { title, lines } of failures) {
  if (left <= 0) break;
  console.log(`FAILED ${title}`);
  for (const line of lines.slice(0, Math.max(left - 1, 0))) console.log(`  ${line}`);
  left -= 1 + lines.length;
}
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
