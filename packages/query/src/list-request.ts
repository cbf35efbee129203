import type { Visibility } from "@keynode/auth/visibility";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { Locale } from "@keynode/decider/error-table";
import { conditionsOf } from "./conditions.ts";
import { camelCase, sortedBy } from "./field.ts";
import { parseFilter } from "./filter-parser.ts";
import { printFilter } from "./filter-syntax.ts";
import { type Listing, type Order, orderName } from "./listing.ts";
import { type Cursor, decodePageToken, type PageScope } from "./page-token.ts";
import { bindFilter, type Predicate } from "./predicate.ts";
import { isProblem, type Problem, problem, refuse } from "./problem.ts";

/** A List request as ts-proto decodes it, and for whom it is. */
export type ListRequest = {
  readonly tenant: string;
  readonly visibility: Visibility;
  /** AIP-160; empty: everything. */
  readonly filter?: string | undefined;
  /** One field, with `desc` behind it or not (AIP-132); empty: the listing's default. */
  readonly orderBy?: string | undefined;
  /** 0: 50 records; more than 1,000: 1,000 (AIP-158). */
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  /** Deleted records too. */
  readonly showDeleted?: boolean | undefined;
  /** Names of fields whose values are masked for the caller, who would learn them by comparing and by order. */
  readonly concealed?: ReadonlySet<string> | undefined;
  /** The language of refusals; English unless said otherwise. */
  readonly locale?: Locale | undefined;
};

/** A request that says what this listing understands. */
export type CheckedRequest = {
  readonly predicate: Predicate | undefined;
  readonly order: Order;
  readonly pageSize: number;
  readonly cursor: Cursor | undefined;
  readonly scope: PageScope;
};

const defaultPageSize = 50;
const maxPageSize = 1_000;

/** Reads a request against its listing, or names everything wrong with it at once, under the first one's reason. */
export const checkRequest = (listing: Listing, request: ListRequest): CheckedRequest | DomainError => {
  const { tenant, showDeleted = false, locale = "en" } = request;
  const filter = readFilter(listing, request.filter ?? "", locale);
  const order = readOrder(listing, request.orderBy ?? "", locale);
  const pageSize = readPageSize(request.pageSize ?? 0, locale);
  if (isDomainError(filter) || isDomainError(order) || isDomainError(pageSize)) {
    return together([filter, order, pageSize].filter((read) => isDomainError(read)));
  }
  const seen = refuseConcealed(request, filter.predicate, order, locale);
  if (seen !== undefined) return seen;
  const scope: PageScope = {
    listing: listing.identity,
    tenant,
    filter: filter.canonical,
    order: orderName(order),
    showDeleted,
  };
  const cursor = readPageToken(scope, order, request.pageToken ?? "", locale);
  return isDomainError(cursor) ? cursor : { predicate: filter.predicate, order, pageSize, cursor, scope };
};

const readFilter = (
  { fields }: Listing,
  source: string,
  locale: Locale,
): { predicate: Predicate | undefined; canonical: string } | DomainError => {
  if (source.trim() === "") return { predicate: undefined, canonical: "" };
  const node = parseFilter(source);
  if (isProblem(node)) return refuse("INVALID_FILTER", "filter", [node], locale);
  const predicate = bindFilter(node, fields);
  if ("kind" in predicate) return { predicate, canonical: printFilter(node) };
  return refuse("INVALID_FILTER", "filter", predicate, locale);
};

const readOrder = ({ fields, indexes, defaultOrder }: Listing, source: string, locale: Locale): Order | DomainError => {
  const text = source.trim();
  if (text === "") return defaultOrder;
  const [, name = "", direction = "asc"] = /^([\w.]+)(?:\s+(asc|desc))?$/.exec(text) ?? [];
  const field = fields.get(name.split(".").map(camelCase).join("."));
  const ordering = new Set(indexes.map(({ order }) => order.field));
  if (field !== undefined && ordering.has(field)) return { field, direction: direction === "desc" ? -1 : 1 };
  const known = [...ordering].map((each) => each.name).join(", ");
  return refuse("INVALID_ORDER", "order_by", [problem("ORDER_NOT_OFFERED", { order: text, known })], locale);
};

const nothing: ReadonlySet<string> = new Set();

const refuseConcealed = (
  { concealed = nothing }: ListRequest,
  predicate: Predicate | undefined,
  { field: ordering }: Order,
  locale: Locale,
): DomainError | undefined => {
  if (concealed.size === 0) return undefined;
  const compared = new Set(predicate === undefined ? [] : conditionsOf(predicate).map(({ field }) => field.name));
  const problems = (names: Iterable<string>): Problem[] =>
    [...names].flatMap((field) => (concealed.has(field) ? [problem("FIELD_CONCEALED", { field })] : []));
  const refusals = [
    { place: "filter", found: problems(compared) },
    { place: "order_by", found: problems([ordering.name]) },
  ].flatMap(({ place, found: [first, ...others] }) =>
    first === undefined ? [] : [refuse("PERMISSION_DENIED", place, [first, ...others], locale)],
  );
  return refusals.length === 0 ? undefined : together(refusals);
};

const readPageSize = (size: number, locale: Locale): number | DomainError => {
  if (size < 0) return refuse("INVALID_PAGE_SIZE", "page_size", [problem("PAGE_SIZE_NEGATIVE")], locale);
  return size === 0 ? defaultPageSize : Math.min(size, maxPageSize);
};

const readPageToken = (
  scope: PageScope,
  { field }: Order,
  token: string,
  locale: Locale,
): Cursor | undefined | DomainError => {
  if (token === "") return undefined;
  const cursor = decodePageToken(scope, token, sortedBy(field).type);
  return typeof cursor === "string" ? refuse("INVALID_PAGE_TOKEN", "page_token", [problem(cursor)], locale) : cursor;
};

const together = ([first, ...others]: readonly DomainError[]): DomainError => {
  if (first === undefined) throw new Error("no refusal to join");
  return { ...first, violations: [first, ...others].flatMap(({ violations }) => violations) };
};
