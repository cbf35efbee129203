import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import openapiTS, { astToString } from "openapi-typescript";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

/*
 * What a customer does who takes /openapi.json to a generator of his own: openapi-typescript, which is none of ours, makes
 * the types, and a program on them does the main job.
 */

const root = path.resolve(import.meta.dirname, "..");
const source = readFileSync(path.join(import.meta.dirname, "openapi-client", "main-job.ts.tmpl"), "utf8");
const run = promisify(execFile);

const { baseUrl, apiKey } = inject("access");
let folder: string;

beforeAll(async () => {
  // Below the workspace: the program finds its packages there.
  mkdirSync(path.join(root, ".keynode"), { recursive: true });
  folder = mkdtempSync(path.join(root, ".keynode", "openapi-client-"));
  const document = await (await fetch(`${baseUrl}/openapi.json`)).text();
  writeFileSync(path.join(folder, "schema.ts"), astToString(await openapiTS(document)));
  const settings = { noEmit: true, allowImportingTsExtensions: true, rewriteRelativeImportExtensions: false };
  writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: path.join(root, "tsconfig.base.json"),
      compilerOptions: settings,
      files: ["main-job.ts"],
    }),
  );
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of a program on the generated types. */
const compiled = async (program: string): Promise<string> => {
  writeFileSync(path.join(folder, "main-job.ts"), program);
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const options = { timeout: 50_000, maxBuffer: 16 * 1024 * 1024 };
  return await run(process.execPath, [tsc, "-p", folder], options).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
};

describe("a client that another generator made of the OpenAPI document", () => {
  test("does not compile what the contract does not know", async () => {
    expect(await compiled(source.replace('groupBy: "NONE"', 'groupBy: "NOTHING"'))).toContain('"NOTHING"');
    expect(await compiled(source.replace("formName:", "formNmae:"))).toContain("formName");
  });

  test("compiles strictly, and does the main job", async () => {
    expect(await compiled(source)).toBe("");
    const program = path.join(folder, "main-job.ts");
    const { stdout } = await run(process.execPath, [program, baseUrl, apiKey], { timeout: 50_000 });
    const steps = stdout.trim().split("\n");
    expect(steps.map((line) => line.split(" ")[0])).toEqual(["converted", "signed", "case", "report"]);
    expect(steps[2]).toBe("case OPEN");
    expect(steps[3]).toMatch(/^report [1-9]\d* deals won 1 cases$/);
  });
});
