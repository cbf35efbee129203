import type { Document } from "mongodb";
import { type Scalar, sortedBy } from "./field.ts";
import { engineFilter } from "./engine-filter.ts";
import type { Order } from "./listing.ts";
import type { Condition, Predicate } from "./predicate.ts";

/** Values that one path may have; an index with the path in front of its order reads them in order. */
export type Equality = { readonly path: string; readonly values: readonly Scalar[] };

/** A filter taken apart by what an index can do with it. */
export type Conditions = {
  readonly equalities: readonly Equality[];
  /** Conditions on the order field, which narrow the run of index entries. */
  readonly bounds: readonly Document[];
  /** What is left: only a look at each record decides it. */
  readonly rest: readonly Predicate[];
};

export const takeApart = (predicate: Predicate | undefined, order: Order): Conditions => {
  const equalities: Equality[] = [];
  const bounds: Document[] = [];
  const rest: Predicate[] = [];
  for (const part of predicate === undefined ? [] : conjuncts(predicate)) {
    const equality = asEquality(part);
    if (isBound(part, order)) bounds.push(engineFilter(part));
    else if (equality && !equalities.some(({ path }) => path === equality.path)) equalities.push(equality);
    else rest.push(part);
  }
  return { equalities, bounds, rest };
};

/** Every field that a predicate looks at. */
export const conditionsOf = (predicate: Predicate): readonly Condition[] => {
  switch (predicate.kind) {
    case "and":
    case "or":
      return predicate.of.flatMap(conditionsOf);
    case "not":
      return conditionsOf(predicate.of);
    default:
      return [predicate];
  }
};

const conjuncts = (predicate: Predicate): readonly Predicate[] =>
  predicate.kind === "and" ? predicate.of.flatMap(conjuncts) : [predicate];

const isBound = (part: Predicate, { field }: Order): boolean =>
  (part.kind === "range" || part.kind === "prefix" || part.kind === "equals") &&
  part.field.path === sortedBy(field).path;

/** `a = 1` and `a = 1 OR a = 2`; of a repeated field only the first, since an index holds such a record twice. */
const asEquality = (part: Predicate): Equality | undefined => {
  if (part.kind === "equals") return { path: part.field.path, values: [part.value] };
  if (part.kind !== "or") return undefined;
  const [first] = part.of;
  if (first?.kind !== "equals" || first.field.repeated) return undefined;
  const values = part.of.map((each) => (each.kind === "equals" && each.field === first.field ? each.value : undefined));
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? { path: first.field.path, values: distinct(known) } : undefined;
};

const distinct = (values: readonly Scalar[]): Scalar[] =>
  values.filter((value, index) => values.findIndex((other) => sameValue(other, value)) === index);

/** The values that both may have. */
export const intersect = (a: readonly Scalar[], b: readonly Scalar[]): readonly Scalar[] =>
  a.filter((value) => b.some((other) => sameValue(value, other)));

const sameValue = (a: Scalar, b: Scalar): boolean =>
  a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b;
