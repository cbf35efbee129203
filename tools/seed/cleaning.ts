import type { Row, Table } from "./csv-table.ts";

/** One line of a dataset's cleaning.csv: which spelling, found where, means which. */
export type CleaningRule = {
  readonly file: string;
  readonly column: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
};

/** A rule and how many rows it changed. */
export type Cleaned = CleaningRule & { readonly rows: number };

/**
 * Applies the rules of one file to its rows and tells what each one changed. Nothing but the exact spelling of a rule is
 * touched. Throws when a rule names a column that the file does not have.
 */
export const clean = (
  file: string,
  table: Table,
  rules: readonly CleaningRule[],
): { rows: Row[]; cleaned: Cleaned[] } => {
  const own = rules.filter((rule) => rule.file === file);
  const stray = own.find(({ column }) => !table.columns.includes(column));
  if (stray) throw new Error(`cleaning.csv names a column that ${file}.csv does not have: ${stray.column}`);

  const counts = new Map(own.map((rule) => [rule, 0]));
  const rows = table.rows.map((row) => {
    const changed = { ...row };
    for (const rule of own) {
      if (row[rule.column] !== rule.from) continue;
      changed[rule.column] = rule.to;
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
    }
    return changed;
  });
  return { rows, cleaned: own.map((rule) => ({ ...rule, rows: counts.get(rule) ?? 0 })) };
};
