import path from "node:path";
import { describe, expect, it } from "vitest";
import { readModules, readWorkspace } from "../architecture/read-workspace.ts";
import { dependencyCycle, rules, violations, type Workspace } from "../architecture/rules.ts";
import { readModule } from "../architecture/source-module.ts";

const root = path.resolve(import.meta.dirname, "../..");

const fixture: Workspace = {
  packages: [
    {
      folder: "packages/decider",
      name: "@keynode/decider",
      dependencies: [],
      devDependencies: [],
    },
    {
      folder: "services/lead",
      name: "@keynode/lead-service",
      dependencies: ["@keynode/decider", "@keynode/contracts", "mongodb"],
      devDependencies: ["@types/express"],
    },
    { folder: "services/account", name: "@keynode/account-service", dependencies: [], devDependencies: [] },
    { folder: "tools", name: "@keynode/tools", dependencies: ["yaml"], devDependencies: ["@keynode/lead-service"] },
  ],
  rootDependencies: ["vitest"],
};

const domainFile = "services/lead/src/domain/lead/decide.ts";
const apiFile = "services/lead/src/api/lead.ts";

/** The names of the rules that a file with this text would break. */
const broken = (file: string, source: string): string[] => [
  ...new Set(violations(readModule(file, source), fixture).map((text) => /\[([a-z-]+):/.exec(text)?.[1] ?? text)),
];

describe("a file that breaks a rule is found", () => {
  const cases: readonly (readonly [rule: string, file: string, source: string])[] = [
    ["pure-domain", domainFile, `import { MongoClient } from "mongodb";`],
    ["pure-domain", domainFile, `import type { Filter } from "mongodb";`],
    ["pure-domain", domainFile, `import { createHash } from "node:crypto";`],
    ["pure-domain", domainFile, `import { Lead_Status } from "@keynode/contracts/crm/lead/v1/lead";`],
    ["pure-domain", domainFile, `import { listing } from "../../api/list.ts";`],
    ["pure-domain", domainFile, `export { listing } from "../../api/list.ts";`],
    ["pure-domain", domainFile, `type Database = import("mongodb").Db;`],
    ["pure-domain", domainFile, `export const load = (name: string) => import(name);`],
    ["no-effects-in-domain", domainFile, `export const at = () => new Date();`],
    ["no-effects-in-domain", domainFile, `export const at = () => Date.now();`],
    ["no-effects-in-domain", domainFile, `export const at = () => Date["now"]();`],
    ["no-effects-in-domain", domainFile, `export const id = () => crypto.randomUUID();`],
    ["no-effects-in-domain", domainFile, `export const chance = () => Math.random();`],
    ["no-effects-in-domain", domainFile, `export const decide = async () => [];`],
    ["no-effects-in-domain", domainFile, `export const rate = () => fetch("https://example.com");`],
    ["no-effects-in-domain", domainFile, `export const say = () => console.log("decided");`],
    ["services-apart", apiFile, `import { start } from "@keynode/account-service/main";`],
    ["services-apart", "packages/decider/src/decider.ts", `import type { Lead } from "@keynode/lead-service/domain";`],
    ["no-reaching-in", apiFile, `import { start } from "../../../account/src/main.ts";`],
    ["no-reaching-in", apiFile, `import { reject } from "../../../../packages/decider/src/domain-error.ts";`],
    ["declared-dependencies", apiFile, `import { v7 } from "uuid";`],
    ["declared-dependencies", apiFile, `import express from "express";`],
    ["declared-dependencies", "services/lead/test/lead.unit.test.ts", `import fc from "fast-check";`],
    ["testing-in-tests", apiFile, `import { specify } from "@keynode/decider/testing";`],
    ["testing-in-tests", "packages/decider/src/decider.ts", `import { specify } from "./testing.ts";`],
    ["environment-in-config", apiFile, `export const port = process.env["PORT"];`],
    ["environment-in-config", apiFile, `const { env } = process; export const port = env["PORT"];`],
    ["environment-in-config", apiFile, `import { env } from "node:process"; export const port = env["PORT"];`],
    ["no-barrels", "packages/decider/src/index.ts", `export const decide = 1;`],
    ["no-barrels", "packages/decider/src/all.ts", `export * from "./decider.ts";`],
    ["telling-names", "services/lead/src/utils/dates.ts", `export const day = 1;`],
    ["telling-names", "services/lead/src/domain/leadState.ts", `export const day = 1;`],
    ["telling-names", "services/lead/test/lead.test.ts", `export const day = 1;`],
    ["no-any", apiFile, `export const parse = (text: string): any => JSON.parse(text);`],
    ["secrets-in-constant-time", domainFile, `export const same = (a: S, b: S) => a.tokenDigest === b.usedDigest;`],
    ["secrets-in-constant-time", apiFile, `export const known = (kept: K, digest: string) => kept.code !== digest;`],
    ["secrets-in-constant-time", apiFile, `export const known = (key: string) => key == hmac.signature!;`],
    [
      "secrets-in-constant-time",
      apiFile,
      `export const known = (a?: A) => digestOf(secret) === a?.x || a?.hash === b;`,
    ],
    ["no-decorators", apiFile, `@injectable class Leads {} export { Leads };`],
  ];
  it.each(cases)("%s in %s: %s", (rule, file, source) => {
    expect(broken(file, source)).toContain(rule);
  });

  it("every rule has a case here", () => {
    expect(Object.keys(rules).filter((name) => !cases.some(([rule]) => rule === name))).toEqual([]);
  });

  it("a cycle of packages is found", () => {
    const linked = (name: string, ...dependencies: string[]) => ({
      folder: name,
      name,
      dependencies,
      devDependencies: [],
    });
    expect(
      dependencyCycle({ packages: [linked("a", "b"), linked("b", "c"), linked("c", "b", "x")], rootDependencies: [] }),
    ).toEqual(["b", "c", "b"]);
  });
});

describe("a file that keeps the rules is left alone", () => {
  it.each([
    [
      domainFile,
      `import { reject } from "@keynode/decider/domain-error";
       import type { Lead } from "@keynode/contracts/crm/lead/v1/lead";
       import { evolve } from "../lead/evolve.ts";
       export const due = (at: Date) => new Date(at.getTime() + 1);`,
    ],
    [apiFile, `import type { Request } from "express"; import { MongoClient } from "mongodb";`],
    [apiFile, `import { start } from "@keynode/lead-service/main";`],
    ["services/lead/test/lead.unit.test.ts", `import { it } from "vitest"; it(process.env["X"] ?? "", () => {});`],
    [
      "services/lead/src/testing.ts",
      `import { it } from "vitest"; import { specify } from "@keynode/decider/testing";`,
    ],
    ["services/lead/test/lead.long.int.test.ts", `import { specify } from "@keynode/decider/testing";`],
    ["tools/start.ts", `import { start } from "@keynode/lead-service/main"; start(process.env);`],
    ["packages/config/src/load-config.ts", `export const env = process.env;`],
    ["packages/contracts/src/crm/lead/v1/lead.ts", `export const decode = (value: any) => value;`],
    [apiFile, `export const has = (a: A) => a.digest !== undefined && typeof a.hash === "string" && a.token === "";`],
    [
      apiFile,
      `export const repeats = (a: A, b: A) => a.requestHash === b.requestHash && sameSecret(a.digest, b.digest);`,
    ],
  ])("%s", (file, source) => {
    expect(broken(file, source)).toEqual([]);
  });
});

describe("this repository", () => {
  const workspace = readWorkspace(root);
  const modules = readModules(root, workspace);

  it("keeps every rule of its architecture", () => {
    expect(modules.flatMap((module) => violations(module, workspace)).join("\n")).toBe("");
  });

  it("has no cycle of packages", () => {
    expect(dependencyCycle(workspace)).toBeUndefined();
  });

  it("is what was looked at", () => {
    expect(workspace.packages.filter(({ folder }) => folder.startsWith("services/")).length).toBeGreaterThan(5);
    expect(modules.some(({ path: file }) => file === "packages/decider/src/decider.ts")).toBe(true);
  });
});
