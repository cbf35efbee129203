/** `npm run examples`: takes the document's examples from the calls of tests, for methods that have none or have changed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { registry } from "@keynode/contracts/descriptors";
import { examples } from "@keynode/contracts/examples";
import { chooseExamples, type Recorded } from "./choose.ts";

const root = path.resolve(import.meta.dirname, "../..");
const file = path.join(root, "packages", "contracts", "examples.json");

/** The tests that call every method: those of each service, and of the methods that all services have. */
const DEFAULT_TESTS = ["services", "packages"];

const runTests = async (folder: string, tests: readonly string[]): Promise<void> => {
  const vitest = path.join(root, "node_modules", ".bin", "vitest");
  const run = spawn(vitest, ["run", "--project", "engines", ...tests], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, KEYNODE_EXAMPLES: folder },
  });
  const [code] = await once(run, "exit");
  // A test that fails has called something all the same; that it fails is for `npm test` to say.
  if (code !== 0) process.stderr.write("Some tests failed; examples are taken from the others.\n");
};

const readRecords = (folder: string): Recorded[] =>
  readdirSync(folder)
    .flatMap((name) => readFileSync(path.join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => {
      const [method, request, answer]: [string, string, string] = JSON.parse(line);
      return { method, request: Buffer.from(request, "base64"), answer: Buffer.from(answer, "base64") };
    });

const main = async (): Promise<void> => {
  const folder = mkdtempSync(path.join(tmpdir(), "keynode-examples-"));
  try {
    const tests = process.argv.slice(2);
    await runTests(folder, tests.length > 0 ? tests : DEFAULT_TESTS);
    const chosen = chooseExamples(readRecords(folder), examples(), registry());
    writeFileSync(file, `${JSON.stringify(chosen, undefined, 2)}\n`);
    process.stdout.write(`${Object.keys(chosen).length} methods have an example\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

await main();
