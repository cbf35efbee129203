/**
 * `npm run capabilities`: runs the acceptance tests, prints which capabilities of the catalogue they prove, and writes
 * docs/capabilities.md. `--check` changes nothing and fails when that page does not say what the run shows;
 * `--results FILE` takes a run that was made already (vitest's JSON report).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";

const root = path.resolve(import.meta.dirname, "..");
const page = path.join(root, "docs", "capabilities.md");

const catalogue = z.array(z.object({ id: z.string(), area: z.string(), name: z.string(), zh: z.string() }));

/** What is read of vitest's JSON report; `acceptance()` puts the capability into a test's meta. */
const report = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({
          status: z.string(),
          title: z.string(),
          meta: z.object({ capability: z.string().optional() }).optional(),
        }),
      ),
    }),
  ),
});

/** Ids whose every acceptance test passed, and those that have a test which did not. */
export const provenBy = (results: z.infer<typeof report>): { proven: Set<string>; failed: Set<string> } => {
  const proven = new Set<string>();
  const failed = new Set<string>();
  for (const { status, meta } of results.testResults.flatMap(({ assertionResults }) => assertionResults)) {
    if (meta?.capability === undefined) continue;
    if (status === "passed") proven.add(meta.capability);
    else failed.add(meta.capability);
  }
  return { proven: proven.difference(failed), failed };
};

/** The page: every capability of the catalogue, by area, with its state. */
export const capabilitiesPage = (capabilities: z.infer<typeof catalogue>, proven: ReadonlySet<string>): string => {
  const areas = Map.groupBy(capabilities, ({ area }) => area);
  const sections = [...areas].map(([area, rows]) =>
    [
      `## ${area}`,
      "",
      "| | capability | | |",
      "|---|---|---|---|",
      ...rows.map(({ id, name, zh }) => `| ${id} | ${name} | ${zh} | ${proven.has(id) ? "proven" : "not yet"} |`),
    ].join("\n"),
  );
  return [
    "# Capabilities",
    "",
    "Written by `npm run capabilities`: a capability is proven when a test registered as its acceptance ran its",
    "given/when/then through the gateway, on real processes, a real bus and a real database engine, and passed.",
    "",
    `${proven.size} of ${capabilities.length} are proven.`,
    "",
    sections.join("\n\n"),
    "",
  ].join("\n");
};

const run = (): string => {
  const file = path.join(root, ".keynode", "capabilities.json");
  mkdirSync(path.dirname(file), { recursive: true });
  const vitest = path.join(root, "node_modules", ".bin", "vitest");
  spawnSync(vitest, ["run", "--project", "e2e", "--reporter=json", `--outputFile=${file}`], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return file;
};

const main = (): number => {
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, results: { type: "string" } },
  });
  const file = values.results === undefined ? run() : path.resolve(root, values.results);
  const capabilities = catalogue.parse(JSON.parse(readFileSync(path.join(root, "e2e", "capabilities.json"), "utf8")));
  const { proven, failed } = provenBy(report.parse(JSON.parse(readFileSync(file, "utf8"))));
  for (const { id, name } of capabilities) if (proven.has(id)) console.log(`proven  ${id} ${name}`);
  for (const id of failed) console.log(`FAILED  ${id}`);
  const unknown = [...proven].filter((id) => !capabilities.some((capability) => capability.id === id));
  for (const id of unknown) console.log(`UNKNOWN ${id} is not in the catalogue`);
  const text = capabilitiesPage(capabilities, proven);
  const isStale = !existsSync(page) || readFileSync(page, "utf8") !== text;
  if (values.check && isStale) console.log("docs/capabilities.md does not say this: run `npm run capabilities`.");
  if (!values.check && failed.size === 0) writeFileSync(page, text);
  return failed.size > 0 || unknown.length > 0 || (values.check && isStale) ? 1 : 0;
};

if (import.meta.main) process.exitCode = main();
