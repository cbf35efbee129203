/** The value below which `share` of all lie, by nearest rank; NaN of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

/** The middle value, or the mean of the two in the middle; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** What several rounds of one measure gave. */
export type Summary = { readonly median: number; readonly least: number; readonly most: number };

export const summary = (values: readonly number[]): Summary => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** Ours against the floor, round by round: what slowed a round down slowed both. Both have the same rounds. */
export const ratios = (ours: readonly number[], floor: readonly number[]): Summary =>
  summary(ours.map((value, round) => value / (floor[round] ?? Number.NaN)));
