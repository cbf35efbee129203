import type { SalesReportRow } from "@keynode/contracts/crm/analytics/v1/report";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import { moneyOf } from "@keynode/decider/money";
import type { TableCollections } from "@keynode/messaging/generation";
import type { Kept } from "@keynode/messaging/table";
import type { Collection, Filter } from "mongodb";
import type { NameRow, SalesRows } from "../projections/rows.ts";
import { beganIn, closedIn, type Period } from "./period.ts";
import { addFigures, type GroupBy, noFigures, type SalesFigures, salesFigures } from "./sales-figures.ts";
import { inScope, type Scope } from "./scope.ts";
import { tenantSettings } from "./tenant-settings.ts";

export type SalesQuestion = Scope & {
  readonly period: Period;
  readonly groupBy: GroupBy;
  /** Empty for the tenant's. */
  readonly currency: string;
  /** Values that deals must have, by field; empty ones ask for nothing. */
  readonly wanted: Readonly<Record<"ownerId" | "teamId" | "region" | "productIds" | "sector", string>>;
};

export type SalesReport = { readonly rows: SalesReportRow[]; readonly totals: SalesReportRow };

/** C-121. Errors: AMOUNT_OUT_OF_RANGE. */
export const salesReport = async (
  tables: TableCollections<SalesRows>,
  { period, groupBy, wanted, ...question }: SalesQuestion,
): Promise<SalesReport | DomainError> => {
  const tenant = await tenantSettings(tables, question.tenant);
  const currency = question.currency || tenant.currency;
  const deals = inScope(question, wanted);
  const asked = {
    opened: beganIn(period, tenant.timeZone).map((began) => ({ ...deals, ...began })),
    closed: { ...deals, status: { $in: ["WON", "LOST"] }, ...closedIn(period) },
    currency,
    timeZone: tenant.timeZone,
  };
  const [groups, whole] = await Promise.all([
    salesFigures(tables.deals, { ...asked, groupBy }),
    // A deal about two products is in two groups.
    groupBy === "PRODUCT" ? salesFigures(tables.deals, { ...asked, groupBy: "NONE" }) : undefined,
  ]);
  if (isDomainError(groups)) return groups;
  if (isDomainError(whole)) return whole;
  const names = await namesOf(tables, groupBy, question.tenant, [...groups.keys()]);
  const rows: SalesReportRow[] = [];
  for (const [key, figures] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const row = shown(key, names.get(key) ?? key, figures, currency);
    if (isDomainError(row)) return row;
    rows.push(row);
  }
  const totals = shown("", "", [...(whole ?? groups).values()].reduce(addFigures, noFigures()), currency);
  return isDomainError(totals) ? totals : { rows, totals };
};

const shown = (key: string, label: string, figures: SalesFigures, currency: string): SalesReportRow | DomainError => {
  const { opened, open, stages, won, lost, wonNanos, otherCurrency, cycleDays, cycles } = figures;
  const wonValue = currency === "" ? undefined : moneyOf(currency, wonNanos);
  if (isDomainError(wonValue)) return wonValue;
  return {
    key,
    label,
    openedCount: opened,
    openCount: open,
    stages: [...stages]
      .map(([stageKey, count]) => ({ stageKey, count }))
      .toSorted((a, b) => (a.stageKey < b.stageKey ? -1 : 1)),
    wonCount: won,
    lostCount: lost,
    wonValue: wonValue && { ...wonValue },
    otherCurrencyCount: otherCurrency,
    successRate: won + lost === 0n ? 0 : Number(won) / Number(won + lost),
    averageCycleDays: cycles === 0n ? 0 : Number(cycleDays) / Number(cycles),
  };
};

/** What people call a group whose key is an id. */
const namesOf = async (
  tables: TableCollections<SalesRows>,
  groupBy: GroupBy,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const named: Partial<Record<GroupBy, Collection<Kept<NameRow>>>> = {
    OWNER: tables.users,
    TEAM: tables.teams as unknown as Collection<Kept<NameRow>>,
    PRODUCT: tables.products,
  };
  const filter: Filter<Kept<NameRow>> = { _id: { $in: [...ids] }, tenant, deleted: { $exists: false } };
  const rows = (await named[groupBy]?.find(filter, { projection: { name: 1 } }).toArray()) ?? [];
  return new Map(rows.map(({ _id, name }) => [_id, name]));
};
