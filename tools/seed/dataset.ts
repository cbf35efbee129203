import { type Cleaned, type CleaningRule, clean } from "./cleaning.ts";
import { type Row, readTable } from "./csv-table.ts";

export type Agent = { readonly name: string; readonly manager: string; readonly region: string };

export type Product = {
  readonly name: string;
  readonly series: string;
  readonly listPrice: bigint;
  /** Other spellings of the name, as cleaned. */
  readonly aliases: readonly string[];
};

export type Account = {
  readonly name: string;
  readonly sector: string;
  readonly yearEstablished: number;
  readonly revenue: bigint;
  readonly employeeCount: number;
  readonly country: string;
  readonly parent: string | undefined;
};

export type Deal = {
  readonly key: string;
  readonly agent: string;
  readonly product: string;
  readonly account: string | undefined;
  readonly stage: "Prospecting" | "Engaging" | "Won" | "Lost";
  /** Dates of the business, as YYYY-MM-DD. */
  readonly engagedOn: string | undefined;
  readonly closedOn: string | undefined;
  readonly closeValue: bigint | undefined;
};

/** The history as cleaned; money is in whole US dollars. */
export type Dataset = {
  readonly agents: readonly Agent[];
  readonly products: readonly Product[];
  readonly accounts: readonly Account[];
  readonly deals: readonly Deal[];
  readonly cleaned: readonly Cleaned[];
};

const stages: readonly string[] = ["Prospecting", "Engaging", "Won", "Lost"] satisfies Deal["stage"][];
const isStage = (text: string): text is Deal["stage"] => stages.includes(text);

const optional = (text: string): string | undefined => (text === "" ? undefined : text);

/** Whole dollars of an amount in millions with at most six decimals, exactly. */
const fromMillions = (text: string): bigint => {
  const [, whole, decimals = ""] = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`not an amount in millions: "${text}"`);
  return BigInt(whole) * 1_000_000n + BigInt(decimals.padEnd(6, "0"));
};

const count = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`not a whole number: "${text}"`);
  return Number(text);
};

const date = (text: string): string | undefined => {
  if (text !== "" && !/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new Error(`not a date: "${text}"`);
  return optional(text);
};

/** Names every value that is in no other file, and every key that is there twice: nothing is guessed. */
const inconsistencies = ({ agents, products, accounts, deals }: Dataset): string[] => {
  const names = (rows: readonly { readonly name: string }[]) => new Set(rows.map(({ name }) => name));
  const unknown = (what: string, values: readonly (string | undefined)[], known: ReadonlySet<string>) =>
    [...new Set(values)].flatMap((value) =>
      value === undefined || known.has(value) ? [] : [`unknown ${what} "${value}"`],
    );
  const repeated = (what: string, values: readonly string[]) => {
    const twice = values.filter((value, index) => values.indexOf(value) !== index);
    return [...new Set(twice)].map((value) => `${what} "${value}" is there twice`);
  };
  const keys = new Set(deals.map(({ key }) => key));
  return [
    ...unknown(
      "sales_agent",
      deals.map(({ agent }) => agent),
      names(agents),
    ),
    ...unknown(
      "product",
      deals.map(({ product }) => product),
      names(products),
    ),
    ...unknown(
      "account",
      deals.map(({ account }) => account),
      names(accounts),
    ),
    ...unknown(
      "subsidiary_of",
      accounts.map(({ parent }) => parent),
      names(accounts),
    ),
    ...repeated(
      "sales_agent",
      agents.map(({ name }) => name),
    ),
    ...repeated(
      "product",
      products.map(({ name }) => name),
    ),
    ...repeated(
      "account",
      accounts.map(({ name }) => name),
    ),
    ...(keys.size === deals.length
      ? []
      : repeated(
          "opportunity_id",
          deals.map(({ key }) => key),
        )),
    ...deals.flatMap(({ key, stage, closedOn, closeValue }) => {
      const closed = stage === "Won" || stage === "Lost";
      const complete = closed
        ? closedOn !== undefined && closeValue !== undefined
        : closedOn === undefined && closeValue === undefined;
      return complete ? [] : [`deal "${key}" is ${stage}, which its close date and value do not fit`];
    }),
  ];
};

const readDeal = (row: Row): Deal => {
  const stage = row["deal_stage"] ?? "";
  if (!isStage(stage)) throw new Error(`unknown deal_stage "${stage}"`);
  const value = row["close_value"] ?? "";
  return {
    key: row["opportunity_id"] ?? "",
    agent: row["sales_agent"] ?? "",
    product: row["product"] ?? "",
    account: optional(row["account"] ?? ""),
    stage,
    engagedOn: date(row["engage_date"] ?? ""),
    closedOn: date(row["close_date"] ?? ""),
    closeValue: value === "" ? undefined : BigInt(count(value)),
  };
};

/** Reads the CSV files of a folder, cleaned by its cleaning.csv. Throws, naming all that is wrong, when they do not fit together. */
export const readDataset = (folder: string): Dataset => {
  const rules = readTable(folder, "cleaning", ["file", "column", "from", "to", "why"]).rows.map(
    ({ file = "", column = "", from = "", to = "", why = "" }): CleaningRule => ({ file, column, from, to, why }),
  );
  const cleaned: Cleaned[] = [];
  const read = (name: string, ...columns: string[]): readonly Row[] => {
    const result = clean(name, readTable(folder, name, columns), rules);
    cleaned.push(...result.cleaned);
    return result.rows;
  };

  const agents = read("sales_teams", "sales_agent", "manager", "regional_office").map(
    (row): Agent => ({
      name: row["sales_agent"] ?? "",
      manager: row["manager"] ?? "",
      region: row["regional_office"] ?? "",
    }),
  );
  const products = read("products", "product", "series", "sales_price").map(
    (row): Product => ({
      name: row["product"] ?? "",
      series: row["series"] ?? "",
      listPrice: BigInt(count(row["sales_price"] ?? "")),
      aliases: rules.flatMap(({ column, from, to }) => (column === "product" && to === row["product"] ? [from] : [])),
    }),
  );
  const accountColumns = [
    "account",
    "sector",
    "year_established",
    "revenue",
    "employees",
    "office_location",
    "subsidiary_of",
  ];
  const accounts = read("accounts", ...accountColumns).map(
    (row): Account => ({
      name: row["account"] ?? "",
      sector: row["sector"] ?? "",
      yearEstablished: count(row["year_established"] ?? ""),
      revenue: fromMillions(row["revenue"] ?? ""),
      employeeCount: count(row["employees"] ?? ""),
      country: row["office_location"] ?? "",
      parent: optional(row["subsidiary_of"] ?? ""),
    }),
  );
  const dealColumns = [
    "opportunity_id",
    "sales_agent",
    "product",
    "account",
    "deal_stage",
    "engage_date",
    "close_date",
    "close_value",
  ];
  const dataset: Dataset = {
    agents,
    products,
    accounts,
    deals: read("sales_pipeline", ...dealColumns).map(readDeal),
    cleaned,
  };

  const problems = inconsistencies(dataset);
  if (problems.length > 0)
    throw new Error(`the dataset in ${folder} does not fit together:\n  ${problems.join("\n  ")}`);
  return dataset;
};
