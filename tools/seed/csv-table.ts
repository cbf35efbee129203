import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "csv-parse/sync";

export type Row = Readonly<Record<string, string>>;
export type Table = { readonly columns: readonly string[]; readonly rows: readonly Row[] };

/** Reads a CSV file with a header; throws when a column that is needed is missing or a row has another length. */
export const readTable = (folder: string, name: string, needed: readonly string[]): Table => {
  const text = readFileSync(path.join(folder, `${name}.csv`), "utf8");
  const [columns = [], ...records] = parse(text, { bom: true, skip_empty_lines: true }) as string[][];
  const missing = needed.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw new Error(`${name}.csv lacks ${missing.join(", ")}`);
  return {
    columns,
    rows: records.map((record) => Object.fromEntries(columns.map((column, index) => [column, record[index] ?? ""]))),
  };
};
