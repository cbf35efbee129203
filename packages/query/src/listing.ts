import type { IndexDescription } from "mongodb";
import { type Field, type FieldSpec, sortedBy } from "./field.ts";

/** What one List rpc offers. */
export type ListingSpec = {
  /** By the name that clients use, lowerCamel, nested ones dotted: `status`, `source.channel`. */
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /**
   * Each names the fields compared for equality and, last, the one that orders: `["status", "-createTime"]`, `-` for
   * descending. The tenant in front and `_id` behind are added; so are three for the default order: alone, by owner
   * and by team, which the visibilities own and team read by. Another order that they use much deserves its own
   * `["ownerId", …]`; without it they look through that order within the time limit. Every index costs each write.
   */
  readonly indexes: readonly (readonly [string, ...string[]])[];
  /** The order without `order_by`, as in `indexes`. */
  readonly defaultOrder: string;
  /** Where owner and team lie; `state.ownerId` and `state.teamId` unless said otherwise. */
  readonly owner?: string;
  readonly team?: string;
  /** The rows are nobody's, such as dead letters: only the visibility `all` may list them, and no index is by owner. */
  readonly unowned?: true;
  /** Where the time of deletion lies; `state.deleteTime` unless said otherwise. */
  readonly deleted?: string;
  /** How long a filter with residual fields may take: milliseconds. */
  readonly residualTimeMs?: number;
  /** The records take custom fields, whose tokens one index serves in the default order. */
  readonly customFields?: true;
};

/** Where the tokens of custom fields lie. */
export const tokenPath = "state.customKeys";

export type Direction = 1 | -1;

/** The order of a page: one field, then `_id` in the same direction. */
export type Order = { readonly field: Field; readonly direction: Direction };

/** `createTime desc`, as `order_by` has it. */
export const orderName = ({ field, direction }: Order): string => `${field.name}${direction === 1 ? "" : " desc"}`;

/** One index of a listing, as planned with. */
export type ListingIndex = {
  readonly name: string;
  /** Paths compared for equality, in the index's order. */
  readonly equality: readonly string[];
  readonly order: Order;
  /** Only records that have something at this path are in it. */
  readonly partial?: string;
};

export type Listing = {
  readonly fields: ReadonlyMap<string, Field>;
  readonly indexes: readonly ListingIndex[];
  readonly defaultOrder: Order;
  /** Undefined: the rows are nobody's. */
  readonly owned: { readonly owner: string; readonly team: string } | undefined;
  readonly deleted: string;
  readonly residualTimeMs: number;
  /** What page tokens are bound to: two listings with other fields do not take each other's. */
  readonly identity: string;
};

const defaultResidualTimeMs = 1_000;

/** Checks a listing and works out its indexes. Throws a TypeError where the listing contradicts itself. */
export const defineListing = (spec: ListingSpec): Listing => {
  const { owner = "state.ownerId", team = "state.teamId", deleted = "state.deleteTime" } = spec;
  const fields = new Map(Object.entries(spec.fields).map(([name, field]) => [name, { ...field, name }]));
  for (const field of fields.values()) checkField(field);

  const declared = spec.indexes.map((keys) => {
    const equality = keys.slice(0, -1).map((name) => known(name));
    if (equality.filter((field) => field.repeated).length > 1) wrong(`an index on two repeated fields: ${keys.join()}`);
    return index(
      equality.map(({ path }) => path),
      orderOf(keys.at(-1) ?? ""),
    );
  });
  const defaultOrder = orderOf(spec.defaultOrder);
  const owned = spec.unowned ? undefined : { owner, team };
  const always = [[], ...(owned ? [[owner], [team]] : [])].map((equality) => index(equality, defaultOrder));
  const custom = spec.customFields ? [{ ...index([tokenPath], defaultOrder), partial: tokenPath }] : [];
  const indexes = [...new Map([...always, ...declared, ...custom].map((each) => [each.name, each])).values()];
  return {
    fields,
    indexes,
    defaultOrder,
    owned,
    deleted,
    residualTimeMs: spec.residualTimeMs ?? defaultResidualTimeMs,
    identity: JSON.stringify([...fields].map(([name, { path }]) => `${name} ${path}`).toSorted()),
  };

  function known(name: string): Field {
    return fields.get(name) ?? wrong(`the index field ${name} is not declared`);
  }

  function orderOf(key: string): Order {
    const descending = key.startsWith("-");
    const field = known(descending ? key.slice(1) : key);
    if (field.repeated) wrong(`a repeated field cannot order: ${key}`);
    return { field, direction: descending ? -1 : 1 };
  }
};

/** The MongoDB indexes that a listing needs; create them before the first request, plans name them as hints. */
export const listIndexes = (listing: Listing): IndexDescription[] => listing.indexes.map(indexOf);

/** One of them as the engine is told of it. */
export const indexOf = ({ name, equality, order, partial }: ListingIndex): IndexDescription => ({
  name,
  key: {
    tenant: 1,
    ...Object.fromEntries(equality.map((path) => [path, 1])),
    [sortedBy(order.field).path]: order.direction,
    _id: order.direction,
  },
  ...(partial !== undefined && { partialFilterExpression: { [partial]: { $exists: true } } }),
});

export const index = (equality: readonly string[], order: Order): ListingIndex => ({
  name: ["list", ...equality, sortedBy(order.field).path, order.direction === 1 ? "asc" : "desc"].join("_"),
  equality,
  order,
});

const checkField = ({ name, path, sortPath, type, values, prefixable }: Field): void => {
  if (!/^[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*$/.test(name)) wrong(`the field name ${name} is not lowerCamel`);
  if ([path, sortPath ?? path].some((each) => each.includes("$") || ["tenant", "_id"].includes(each))) {
    wrong(`the path of ${name}`);
  }
  if ((type === "enum") !== (values !== undefined)) wrong(`${name}: an enum, and only an enum, lists its values`);
  if (prefixable && type !== "string") wrong(`${name}: only text can be matched by its beginning`);
};

const wrong = (what: string): never => {
  throw new TypeError(`listing: ${what}`);
};
