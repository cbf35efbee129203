import type { RowKeys } from "@keynode/messaging/table";
import type { Collection, Document } from "mongodb";
import type { FunnelStep } from "@keynode/contracts/crm/analytics/v1/report";

/** A step of a funnel as rows tell of it. */
export type Step = {
  readonly key: string;
  /** Whether a row came to it: an aggregation expression. */
  readonly isReached: unknown;
  /** When it did: the path of an instant, absent where unknown. */
  readonly at: string;
};

/** A step that rows name in `reached`, at the instant in `reachedAt`. */
export const step = (key: string): Step => ({ key, isReached: { $in: [key, "$reached"] }, at: `$reachedAt.${key}` });

/** Of each step: who came to it or further, and the time that those took from the step before of whom it is known. */
export type StepCount = { readonly count: bigint; readonly timed: bigint; readonly tookMs: bigint };

type Group = { readonly _id: Readonly<Record<string, boolean>>; readonly count: number | bigint } & Readonly<
  Record<`timed${number}` | `took${number}`, number | bigint>
>;

/** Counts the rows that match any of the filters, of which no row matches two. */
export const countSteps = async <Row extends RowKeys>(
  rows: Collection<Row>,
  matches: readonly Document[],
  steps: readonly Step[],
): Promise<StepCount[]> => {
  const group = {
    $group: {
      _id: Object.fromEntries(steps.map(({ isReached }, index) => [`s${index}`, isReached])),
      count: { $sum: 1 },
      ...Object.fromEntries(steps.flatMap(({ at }, index) => durationSums(index, steps[index - 1]?.at, at))),
    },
  };
  const groups = await Promise.all(matches.map(($match) => rows.aggregate<Group>([{ $match }, group]).toArray()));
  return steps.map((_step, index) =>
    groups.flat().reduce<StepCount>(
      ({ count, timed, tookMs }, found) => ({
        count: count + (furthest(found._id, steps.length) >= index ? BigInt(found.count) : 0n),
        timed: timed + BigInt(found[`timed${index}`] ?? 0),
        tookMs: tookMs + BigInt(found[`took${index}`] ?? 0),
      }),
      { count: 0n, timed: 0n, tookMs: 0n },
    ),
  );
};

/** Funnels of several tables as one; all have the same steps. */
export const addCounts = (counts: readonly StepCount[], more: readonly StepCount[]): StepCount[] =>
  counts.map(({ count, timed, tookMs }, index) => ({
    count: count + (more[index]?.count ?? 0n),
    timed: timed + (more[index]?.timed ?? 0n),
    tookMs: tookMs + (more[index]?.tookMs ?? 0n),
  }));

const dayMs = 86_400_000;

export const shownSteps = (keys: readonly string[], counts: readonly StepCount[]): FunnelStep[] =>
  counts.map(({ count, timed, tookMs }, index) => {
    const before = index === 0 ? undefined : (counts[index - 1]?.count ?? 0n);
    return {
      key: keys[index] ?? "",
      count,
      conversionRate: before === undefined ? 1 : before === 0n ? 0 : Number(count) / Number(before),
      averageDays: timed === 0n ? 0 : Number(tookMs) / Number(timed) / dayMs,
    };
  });

/** Index of the last step that was reached: whoever skipped a step has come further than it. */
const furthest = (reached: Readonly<Record<string, boolean>>, steps: number): number => {
  for (let index = steps - 1; index > 0; index -= 1) if (reached[`s${index}`]) return index;
  return 0;
};

const durationSums = (index: number, from: string | undefined, to: string): [string, Document][] => {
  if (from === undefined) return [];
  const inOrder = { $and: [{ $gt: [from, null] }, { $gte: [to, from] }] };
  return [
    [`timed${index}`, { $sum: { $cond: [inOrder, 1, 0] } }],
    [`took${index}`, { $sum: { $cond: [inOrder, { $subtract: [to, from] }, 0] } }],
  ];
};
