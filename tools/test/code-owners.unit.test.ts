import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

const entries = readFileSync(path.join(root, "CODEOWNERS"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [pattern = "", ...owners] = line.split(/\s+/);
    return { pattern, owners };
  });

/** The entry that counts for a folder: the last one that is it or holds it. */
const ownersOf = (folder: string): readonly string[] =>
  entries.findLast(({ pattern }) => pattern === "*" || folder.startsWith(pattern.slice(1)))?.owners ?? [];

it("every service and its contract have the squad of its name", () => {
  for (const service of readdirSync(path.join(root, "services"))) {
    expect(ownersOf(`services/${service}/src`)).toEqual([`@keynode/${service}`]);
    if (existsSync(path.join(root, "proto/crm", service))) {
      expect(ownersOf(`proto/crm/${service}/v1`)).toContain(`@keynode/${service}`);
    }
  }
});

it("the packages, tools and whatever else is shared belong to the platform", () => {
  for (const folder of ["packages/aggregate", "packages/auth", "tools", "deploy", "proto/crm/chassis"]) {
    expect(ownersOf(`${folder}/`)).toContain("@keynode/platform");
  }
});

it("every line has an owner", () => {
  expect(entries.filter(({ owners }) => owners.length === 0)).toEqual([]);
});
