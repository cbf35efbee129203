import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readDataset } from "../../seed/dataset.ts";

const folder = path.resolve(import.meta.dirname, "../../../examples/crm-sales-opportunities");

/** A copy of the dataset with one file changed. */
const changed = (file: string, change: (text: string) => string): string => {
  const copy = mkdtempSync(path.join(tmpdir(), "keynode-dataset-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  writeFileSync(path.join(copy, file), change(readFileSync(path.join(folder, file), "utf8")));
  return copy;
};

it("the history has the records that its README tells of", () => {
  const { agents, products, accounts, deals } = readDataset(folder);
  expect([agents.length, products.length, accounts.length, deals.length]).toEqual([35, 7, 85, 8800]);
  expect(deals.filter(({ account }) => account === undefined)).toHaveLength(1425);
  expect(deals.filter(({ engagedOn }) => engagedOn === undefined)).toHaveLength(500);
  expect(deals.filter(({ closedOn }) => closedOn === undefined)).toHaveLength(2089);
});

it("what was cleaned is told, and is clean", () => {
  const { cleaned, accounts, products } = readDataset(folder);
  expect(cleaned.map(({ from, to, rows }) => [from, to, rows])).toEqual([
    ["technolgy", "technology", 12],
    ["Philipines", "Philippines", 1],
    ["GTXPro", "GTX Pro", 1480],
  ]);
  expect(accounts.filter(({ sector }) => sector === "technology")).toHaveLength(12);
  expect(products.find(({ name }) => name === "GTX Pro")?.aliases).toEqual(["GTXPro"]);
});

it("revenue in millions becomes dollars exactly", () => {
  const revenue = new Map(readDataset(folder).accounts.map((account) => [account.name, account.revenue]));
  expect(revenue.get("Acme Corporation")).toBe(1_100_040_000n);
  expect(revenue.get("Ganjaflex")).toBe(5_158_710_000n);
  expect(revenue.get("Dontechi")).toBe(4_618_000_000n);
});

it("line ends of Windows make no difference", () => {
  const copy = changed("sales_pipeline.csv", (text) => text.replaceAll("\n", "\r\n"));
  expect(readDataset(copy)).toEqual(readDataset(folder));
});

it.each([
  ["cleaning.csv", (text: string) => text.replace(/.*GTXPro.*\n/, ""), 'unknown product "GTXPro"'],
  ["sales_pipeline.csv", (text: string) => text.replace(",Cancity,", ",Cancty,"), 'unknown account "Cancty"'],
  ["sales_pipeline.csv", (text: string) => text.replace(",Moses Frase,", ",Moses,"), 'unknown sales_agent "Moses"'],
  ["accounts.csv", (text: string) => text.replace(/Acme Corporation$/m, "Acme"), 'unknown subsidiary_of "Acme"'],
  [
    "accounts.csv",
    (text: string) => `${text}Acme Corporation,retail,1996,1,1,Kenya,\n`,
    '"Acme Corporation" is there twice',
  ],
  ["sales_pipeline.csv", (text: string) => text.replace("Z063OYW0", "1C1I7A6R"), '"1C1I7A6R" is there twice'],
  ["sales_pipeline.csv", (text: string) => text.replace(",Won,", ",Gone,"), 'unknown deal_stage "Gone"'],
  [
    "sales_pipeline.csv",
    (text: string) => text.replace(",Won,", ",Engaging,"),
    "is Engaging, which its close date and value do not fit",
  ],
  [
    "sales_pipeline.csv",
    (text: string) => text.replace(",2017-03-01,1054", ",2017-03-01,10.5"),
    'not a whole number: "10.5"',
  ],
  ["accounts.csv", (text: string) => text.replace(",1100.04,", ",much,"), 'not an amount in millions: "much"'],
  ["products.csv", (text: string) => text.replace("series", "line"), "products.csv lacks series"],
])("%s with a flaw nobody told of is refused: %#", (file, change, complaint) => {
  expect(() => readDataset(changed(file, change))).toThrow(complaint);
});
