import { type Conditions, conditionsOf, type Equality } from "./conditions.ts";
import type { Field } from "./field.ts";
import { type Listing, type ListingIndex, type Order, orderName } from "./listing.ts";
import { type Problem, problem } from "./problem.ts";

/** Runs of one index that engines merge in order for `$in`; MongoDB and DocumentDB give up beyond 200. */
const maxRunsPerScan = 200;

/** An index, and the equalities that it answers; those left are a look at each record. */
export type Choice = {
  readonly index: ListingIndex;
  readonly covered: readonly Equality[];
  readonly left: readonly Equality[];
};

/**
 * The index that narrows most, among those that give the order. One that begins with what the caller may see comes
 * first: records of one owner or team are few whatever the filter says.
 */
export const chooseIndex = (
  listing: Listing,
  order: Order,
  equalities: readonly Equality[],
  seen: string | undefined,
): Choice => {
  const choices = servingChoices(listing, order, equalities);
  const best = choices.toSorted(
    (a, b) =>
      Number(covers(b, seen)) - Number(covers(a, seen)) ||
      b.covered.length - a.covered.length ||
      runs(a.covered) - runs(b.covered),
  )[0];
  if (best === undefined) throw new Error(`no index orders by ${orderName(order)}`);
  return best;
};

/**
 * Why no index serves the conditions, or undefined when one does: covering every equality except those on residual
 * fields. The caller's visibility plays no part, so that the same filter is accepted from everyone.
 */
export const unserved = (listing: Listing, order: Order, { equalities, rest }: Conditions): Problem | undefined => {
  const costly = rest.flatMap(conditionsOf).flatMap(({ field }) => (field.residual ? [] : [field.name]));
  const shortest = servingChoices(listing, order, equalities)
    .map(({ left }) => [...left.flatMap(({ path }) => costlyName(listing, path)), ...costly])
    .reduce<readonly string[] | undefined>(
      (best, names) => (best && best.length <= names.length ? best : names),
      undefined,
    );
  if (shortest?.length === 0) return undefined;
  return problem("FILTER_NOT_SERVED", {
    unserved: [...new Set(shortest ?? ["*"])].join(", "),
    order: orderName(order),
    served: servedBy(listing, order).join("; "),
  });
};

const servingChoices = (listing: Listing, order: Order, equalities: readonly Equality[]): readonly Choice[] =>
  listing.indexes
    .filter((index) => index.order.field === order.field)
    .map((index) => {
      const covered = index.equality.flatMap((path) => equalities.find((equality) => equality.path === path) ?? []);
      return { index, covered, left: equalities.filter((equality) => !covered.includes(equality)) };
    })
    .filter(({ index, covered }) => covered.length === index.equality.length && runs(covered) <= maxRunsPerScan);

const covers = ({ index }: Choice, path: string | undefined): boolean =>
  path !== undefined && index.equality.includes(path);

const runs = (equalities: readonly Equality[]): number =>
  equalities.reduce((product, { values }) => product * values.length, 1);

const costlyName = (listing: Listing, path: string): string[] => {
  const field = fieldAt(listing, path);
  return field?.residual ? [] : [field?.name ?? path];
};

/** What can be compared for equality under an order, for people who asked for something else. */
const servedBy = (listing: Listing, order: Order): readonly string[] => {
  const indexed = listing.indexes
    .filter((index) => index.order.field === order.field)
    .map(({ equality }) => equality.map((path) => fieldAt(listing, path)?.name))
    .filter((names) => names.length > 0 && !names.includes(undefined))
    .map((names) => names.join(" + "));
  const residual = [...listing.fields.values()].filter((field) => field.residual).map(({ name }) => name);
  const own = order.field.sortPath === undefined ? [order.field.name] : [];
  return [...new Set([...own, ...indexed, ...residual])];
};

const fieldAt = ({ fields }: Listing, path: string): Field | undefined =>
  [...fields.values()].find((field) => field.path === path);
