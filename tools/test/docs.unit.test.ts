import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { registry, resourceRules } from "@keynode/contracts/descriptors";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

const pages = globSync(["*.md", "{docs,deploy,examples,bench,services,packages,tools}/**/*.md"], {
  cwd: root,
  exclude: (entry) => /^(node_modules|dist|\.keynode)$/.test(path.basename(entry)),
});

it("no page links to a file that is not there", () => {
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !existsSync(path.resolve(root, path.dirname(page), decodeURIComponent(target))))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});

describe("docs/adr", () => {
  const records = readdirSync(path.join(root, "docs/adr")).filter((file) => file !== "README.md");

  it("every decision has a number of its own and stands in the list", () => {
    expect(records.filter((file) => !/^\d{4}-[a-z\d-]+\.md$/.test(file))).toEqual([]);
    expect(new Set(records.map((file) => file.slice(0, 4))).size).toBe(records.length);
    expect(records.filter((file) => !read("docs/adr/README.md").includes(`(${file})`))).toEqual([]);
  });

  it.each(records)("%s says context, decision and consequences, on a page", (file) => {
    const text = read(`docs/adr/${file}`);
    expect(text.match(/^## .*$/gm)).toEqual(["## Context", "## Decision", "## Consequences"]);
    expect(text.split("\n").length).toBeLessThan(80);
  });
});

describe("docs/security.md", () => {
  const proofs = [...read("docs/security.md").matchAll(/^\|.*\| `(?<file>[^`]+)` › (?<title>.+) \|$/gm)].map(
    ({ groups = {} }) => ({ file: groups["file"] ?? "", title: groups["title"]?.trim() ?? "" }),
  );

  it("proves every promise by a test that there is", () => {
    const promises = read("docs/security.md").match(/^\|.*›.*\|$/gm);
    expect(proofs.length).toBe(promises?.length);
    expect(proofs.length).toBeGreaterThan(40);
    expect(
      proofs.filter(({ file, title }) => !existsSync(path.join(root, file)) || !read(file).includes(`("${title}"`)),
    ).toEqual([]);
  });

  it("says something of each of the ten risks", () => {
    const risks = new Set(read("docs/security.md").match(/^\| API\d+ /gm));
    expect(risks.size).toBe(10);
  });
});

describe("docs/glossary.md", () => {
  const rows = [...read("docs/glossary.md").matchAll(/^\|(?<zh>[^|]+)\|(?<en>[^|]+)\| (?<identifier>[^|]+)\|/gm)];
  const identifiers = rows.flatMap(({ groups = {} }) => groups["identifier"]?.match(/^`[A-Z][A-Za-z]+`/) ?? []);

  it("tells every resource of the contract, once", () => {
    const resources = [...registry()].flatMap((type) =>
      type.kind === "message" && resourceRules(type) ? [`\`${type.name}\``] : [],
    );
    expect(resources.length).toBeGreaterThan(15);
    expect(resources.filter((name) => identifiers.filter((known) => known === name).length !== 1)).toEqual([]);
  });

  it("says each term in Chinese and in English", () => {
    const untold = rows.filter(
      ({ groups = {} }) => !/\p{Script=Han}|---|VIP/u.test(groups["zh"] ?? "") || groups["en"]?.trim() === "",
    );
    expect(untold.map(([line]) => line)).toEqual([]);
  });
});
