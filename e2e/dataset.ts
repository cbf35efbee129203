import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { loadDataset } from "@keynode/tools/seed/load-dataset";
import { type Api, apiOf } from "./api.ts";
import type { ReportRow, SalesReport } from "./records.ts";
import type { Access } from "./stack.ts";

/** The sales history that comes with Keynode. */
export const folder = path.resolve(import.meta.dirname, "..", "examples", "crm-sales-opportunities");

/** Figures of one group as the independent script counts them; values in whole dollars. */
type Figures = {
  readonly opportunities: number;
  readonly won: number;
  readonly lost: number;
  readonly engaging: number;
  readonly prospecting: number;
  readonly wonValue: number;
};

type Expected = {
  readonly totals: Figures;
  readonly byAgent: Readonly<Record<string, Figures>>;
  readonly byProduct: Readonly<Record<string, Figures>>;
  readonly byRegion: Readonly<Record<string, Figures>>;
};

/** What the independent script says of the CSV files, the first `sample` deals only if given. */
export const expectedFigures = (sample?: number): Expected => {
  const parameters = sample === undefined ? [] : [String(sample)];
  try {
    return JSON.parse(execFileSync("python3", ["figures.py", ...parameters], { cwd: folder, encoding: "utf8" }));
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOENT") throw error;
    // No Python here: what it said where there is one is kept beside it, and a test holds the two equal.
    const kept = sample === undefined ? "figures.json" : `figures-${sample}.json`;
    return JSON.parse(readFileSync(path.join(folder, kept), "utf8"));
  }
};

export const load = (access: Access, sample?: number) =>
  loadDataset({
    baseUrl: access.baseUrl,
    apiKey: access.apiKey,
    folder,
    ...(sample === undefined ? {} : { sample }),
  });

const figuresOf = (row: ReportRow & { readonly stages?: readonly { stageKey: string; count: string }[] }): Figures => {
  const inStage = (key: string) => Number(row.stages?.find(({ stageKey }) => stageKey === key)?.count ?? 0);
  return {
    opportunities: Number(row.openedCount ?? 0),
    won: Number(row.wonCount ?? 0),
    lost: Number(row.lostCount ?? 0),
    engaging: inStage("engaging"),
    prospecting: inStage("prospecting"),
    wonValue: Number(row.wonValue?.units ?? 0),
  };
};

const report = (api: Api, groupBy: string) => api.get<SalesReport>(`/v1/reports/sales?currency=USD&groupBy=${groupBy}`);

/** The report's rows by label, those that the script knows; a group without deals has no row, and counts as nothing. */
const rowsOf = async (api: Api, groupBy: string, known: Readonly<Record<string, Figures>>) => {
  const { rows = [] } = await report(api, groupBy);
  const nothing = { opportunities: 0, won: 0, lost: 0, engaging: 0, prospecting: 0, wonValue: 0 };
  const byLabel = new Map(rows.map((row) => [row.label ?? row.key ?? "", figuresOf(row)]));
  return Object.fromEntries(Object.keys(known).map((label) => [label, byLabel.get(label) ?? nothing]));
};

const figuresOnly = (groups: Readonly<Record<string, Figures>>) =>
  Object.fromEntries(
    Object.entries(groups).map(([label, { opportunities, won, lost, engaging, prospecting, wonValue }]) => [
      label,
      { opportunities, won, lost, engaging, prospecting, wonValue },
    ]),
  );

/** The API reports per agent, product and region what the script counts. */
export const expectSameFigures = async (access: Access, expected: Expected): Promise<void> => {
  const api = apiOf(access);
  expect(await rowsOf(api, "OWNER", expected.byAgent)).toEqual(figuresOnly(expected.byAgent));
  expect(await rowsOf(api, "PRODUCT", expected.byProduct)).toEqual(figuresOnly(expected.byProduct));
  expect(await rowsOf(api, "REGION", expected.byRegion)).toEqual(figuresOnly(expected.byRegion));
};

/** The tenant's totals, for one that holds nothing but the sales history. */
export const totals = async (access: Access): Promise<Figures> =>
  figuresOf((await report(apiOf(access), "NONE")).totals);
