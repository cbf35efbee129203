import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { type Deal, readDataset } from "../../seed/dataset.ts";

const folder = path.resolve(import.meta.dirname, "../../../examples/crm-sales-opportunities");
const dataset = readDataset(folder);

type Counts = Readonly<Record<string, number>>;
type Figures = {
  totals: Counts;
  byAgent: Readonly<Record<string, Counts>>;
  byProduct: Readonly<Record<string, Counts>>;
  byRegion: Readonly<Record<string, Counts>>;
};
const kept = (file: string): Figures => JSON.parse(readFileSync(path.join(folder, file), "utf8")) as Figures;

const hasPython = spawnSync("python3", ["--version"]).status === 0;

it.runIf(hasPython).each([
  ["figures.json", []],
  ["figures-400.json", ["400"]],
])("%s is what the independent script prints", (file, args) => {
  const { stdout } = spawnSync("python3", [path.join(folder, "figures.py"), ...args], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toEqual(kept(file));
});

it("the whole history has the figures that its README tells", () => {
  expect(kept("figures.json").totals).toEqual({
    opportunities: 8800,
    won: 4238,
    lost: 2473,
    engaging: 1589,
    prospecting: 500,
    wonValue: 10_005_534,
    withoutAccount: 1425,
  });
});

it.each([
  ["byAgent", ({ agent }: Deal) => agent],
  ["byProduct", ({ product }: Deal) => product],
  ["byRegion", ({ agent }: Deal) => dataset.agents.find(({ name }) => name === agent)?.region],
] as const)("what the loader loads comes to the same %s", (grouping, groupOf) => {
  const expected = kept("figures.json")[grouping];
  const groups = Map.groupBy(dataset.deals, groupOf);
  for (const [group, counts] of Object.entries(expected)) {
    const deals = groups.get(group) ?? [];
    const won = deals.filter(({ stage }) => stage === "Won");
    expect([group, deals.length, won.length]).toEqual([group, counts["opportunities"], counts["won"]]);
    expect(won.reduce((sum, { closeValue }) => sum + Number(closeValue), 0)).toBe(counts["wonValue"]);
  }
});
