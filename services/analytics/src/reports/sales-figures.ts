import type { GetSalesReportRequest_GroupBy } from "@keynode/contracts/crm/analytics/v1/report_service";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { nanosOf } from "@keynode/decider/money";
import type { Collection, Document } from "mongodb";
import type { DealRow } from "../projections/rows.ts";
import type { Kept } from "@keynode/messaging/table";

/** What rows of a report stand for. */
export type GroupBy = Exclude<GetSalesReportRequest_GroupBy, "GROUP_BY_UNSPECIFIED" | "UNRECOGNIZED">;

/** The figures of one group of deals, as they can be added up. */
export type SalesFigures = {
  opened: bigint;
  open: bigint;
  /** Open deals by stage. */
  readonly stages: Map<string, bigint>;
  won: bigint;
  lost: bigint;
  /** What the won deals were worth, in nanos (10⁻⁹) of the report's currency. */
  wonNanos: bigint;
  otherCurrency: bigint;
  /** Days from opening to winning, over the won deals of which they are known. */
  cycleDays: bigint;
  cycles: bigint;
};

export const noFigures = (): SalesFigures => ({
  opened: 0n,
  open: 0n,
  stages: new Map(),
  won: 0n,
  lost: 0n,
  wonNanos: 0n,
  otherCurrency: 0n,
  cycleDays: 0n,
  cycles: 0n,
});

export const addFigures = (sum: SalesFigures, more: SalesFigures): SalesFigures => {
  sum.opened += more.opened;
  sum.open += more.open;
  for (const [stage, count] of more.stages) sum.stages.set(stage, (sum.stages.get(stage) ?? 0n) + count);
  sum.won += more.won;
  sum.lost += more.lost;
  sum.wonNanos += more.wonNanos;
  sum.otherCurrency += more.otherCurrency;
  sum.cycleDays += more.cycleDays;
  sum.cycles += more.cycles;
  return sum;
};

type Group<Id> = { readonly _id: Id };
type OpenedGroup = Group<{ key?: string | null; stage?: string | null }> & { readonly count: number | bigint };
type ClosedGroup = Group<{ key?: string | null; status: string; currency?: string | null }> & {
  readonly count: number | bigint;
  readonly units: number | bigint;
  readonly nanos: number | bigint;
  readonly days: number | bigint;
  readonly cycles: number | bigint;
};

/**
 * Figures by group: of the deals that match any of `opened`, by their opening, and of those that match `closed`, by their
 * closing. The engine sums int64; a sum beyond that range is refused. Errors: AMOUNT_OUT_OF_RANGE.
 */
export const salesFigures = async (
  deals: Collection<Kept<DealRow>>,
  {
    opened,
    closed,
    groupBy,
    currency,
    timeZone,
  }: {
    readonly opened: readonly Document[];
    readonly closed: Document;
    readonly groupBy: GroupBy;
    readonly currency: string;
    readonly timeZone: string;
  },
): Promise<Map<string, SalesFigures> | DomainError> => {
  const figures = new Map<string, SalesFigures>();
  const of = (key: string | null | undefined): SalesFigures => {
    const found = figures.get(key ?? "") ?? noFigures();
    figures.set(key ?? "", found);
    return found;
  };
  const spread: Document[] =
    groupBy === "PRODUCT" ? [{ $unwind: { path: "$productIds", preserveNullAndEmptyArrays: true } }] : [];

  const [closings, ...openings] = await Promise.all([
    deals
      .aggregate<ClosedGroup>([{ $match: closed }, ...spread, closedGroups(keyOf(groupBy, closingMonth), timeZone)])
      .toArray(),
    ...opened.map((match) =>
      deals
        .aggregate<OpenedGroup>([{ $match: match }, ...spread, openedGroups(keyOf(groupBy, openingMonth(timeZone)))])
        .toArray(),
    ),
  ]);

  for (const {
    _id: { key, stage },
    count,
  } of openings.flat()) {
    const group = of(key);
    group.opened += BigInt(count);
    if (typeof stage !== "string") continue;
    group.open += BigInt(count);
    group.stages.set(stage, (group.stages.get(stage) ?? 0n) + BigInt(count));
  }
  for (const { _id, count, units, nanos, days, cycles } of closings) {
    const group = of(_id.key);
    if (_id.status === "LOST") {
      group.lost += BigInt(count);
      continue;
    }
    group.won += BigInt(count);
    group.cycleDays += BigInt(days);
    group.cycles += BigInt(cycles);
    if (_id.currency !== currency) group.otherCurrency += _id.currency ? BigInt(count) : 0n;
    else {
      // The engine goes on in floating point where int64 ends.
      if (typeof units === "number" && !Number.isSafeInteger(units)) return reject("AMOUNT_OUT_OF_RANGE");
      group.wonNanos += nanosOf({ currencyCode: currency, units: BigInt(units), nanos: 0 }) + BigInt(nanos);
    }
  }
  return figures;
};

const keyOf = (groupBy: GroupBy, month: unknown): unknown =>
  ({
    NONE: { $literal: "" },
    OWNER: "$ownerId",
    TEAM: "$teamId",
    REGION: "$region",
    PRODUCT: "$productIds",
    MONTH: month,
    SECTOR: "$sector",
  })[groupBy];

const closingMonth: Document = { $substrBytes: ["$closedOn", 0, 7] };

const openingMonth = (timezone: string): Document => ({
  $cond: [
    { $gt: ["$beganOn", null] },
    { $substrBytes: ["$beganOn", 0, 7] },
    { $dateToString: { date: "$beganAt", format: "%Y-%m", timezone } },
  ],
});

const openedGroups = (key: unknown): Document => ({
  $group: {
    _id: { key, stage: { $cond: [{ $eq: ["$status", "OPEN"] }, "$stageKey", null] } },
    count: { $sum: 1 },
  },
});

const closedGroups = (key: unknown, timezone: string): Document => {
  const endDate = { $dateFromString: { dateString: "$closedOn", timezone } };
  const fromInstant = { $dateDiff: { startDate: "$beganAt", endDate, unit: "day", timezone } };
  const cycle = { $cond: [{ $eq: ["$status", "WON"] }, { $ifNull: ["$cycleDays", fromInstant] }, null] };
  return {
    $group: {
      _id: { key, status: "$status", currency: "$currency" },
      count: { $sum: 1 },
      units: { $sum: "$wonUnits" },
      nanos: { $sum: "$wonNanos" },
      days: { $sum: cycle },
      cycles: { $sum: { $cond: [{ $ne: [cycle, null] }, 1, 0] } },
    },
  };
};
