import { type BoundedCache, boundedCache } from "@keynode/auth/bounded-cache";
import type { Visibility } from "@keynode/auth/visibility";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { Document } from "mongodb";
import { type Equality, intersect, takeApart } from "./conditions.ts";
import { allOf, engineFilter } from "./engine-filter.ts";
import { chooseIndex, unserved } from "./index-choice.ts";
import { checkRequest, type ListRequest } from "./list-request.ts";
import type { Listing, Order } from "./listing.ts";
import { cursorOf, readOn, sortOf } from "./page-order.ts";
import { encodePageToken } from "./page-token.ts";
import { problem, refuse } from "./problem.ts";

/** One run over one index, in the page's order. */
export type Scan = {
  readonly filter: Document;
  /**
   * Name of the index. DocumentDB plans some 0.3 ms longer with a hint; without one, on a collection of which it has no
   * statistics, most filters of served.int.test.ts were not answered in order by the planned index.
   */
  readonly hint: string;
  /** Set where records are looked at that the index does not narrow: milliseconds. */
  readonly maxTimeMs?: number;
  /** The index finds the records, few by their bound, and the engine sorts them. */
  readonly sorts?: true;
};

/** How one page is read: the scans side by side, merged in the page's order, a record of two scans taken once. */
export type ListPlan = {
  readonly scans: readonly Scan[];
  /** What is read instead where the time of the scans is up. */
  readonly otherwise?: readonly Scan[];
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly order: Order;
  readonly pageSize: number;
  /** The answer when a scan's time is up. */
  readonly timedOut: DomainError;
  /** The token of the page behind this record. */
  readonly nextPageToken: (last: Document) => string;
};

/** Team ids in one scan's `$in`; leaves room for two values of another field below what engines merge. */
const teamsPerScan = 100;

/**
 * A caller who sees more teams than one scan takes, and no smaller part of the tenant's, most likely sees a record soon
 * wherever the order is entered: it is walked with a look at each record, which costs as much as a page of everything.
 */
const walkedPart = 1 / 10;
/** Where the guess is wrong the walk ends after so long, and the teams' own runs are read: milliseconds. */
const walkTimeMs = 250;

/** Ids of shared records in one scan. */
const sharedPerScan = 1_000;

/** What is hinted for records that are found by their ids. */
const idIndex = "_id_";

/**
 * Plans a page: every scan begins with the tenant, is narrowed to what the caller may see, and is served in order by
 * an index of the listing. Which of the other filters are accepted does not depend on who asks.
 * Errors: PERMISSION_DENIED for fields concealed from the caller, INVALID_FILTER, INVALID_ORDER, INVALID_PAGE_SIZE, INVALID_PAGE_TOKEN, FILTER_TOO_COSTLY.
 */
export const planList = (listing: Listing, request: ListRequest): ListPlan | DomainError => {
  const key = recurrenceOf(request);
  if (key === undefined) return planned(listing, request);
  const known = recurring.get(listing) ?? boundedCache<ListPlan>(recurringPlans);
  recurring.set(listing, known);
  const earlier = known.get(key);
  if (earlier !== undefined) return earlier;
  const plan = planned(listing, request);
  if (!isDomainError(plan)) known.set(key, plan);
  return plan;
};

/** Plans of first pages by what they were asked for; a plan depends on nothing else and is never changed. */
const recurring = new WeakMap<Listing, BoundedCache<ListPlan>>();

/** Of one listing; with filters of this many characters at most they stay below a megabyte. */
const recurringPlans = 256;
const recurringFilterLength = 512;

/**
 * What tells a request from others where many ask the same: a first page of all there is. Later pages and parts of the
 * tenant's records are as many as there are callers.
 */
const recurrenceOf = (request: ListRequest): string | undefined => {
  const { tenant, visibility, filter = "", orderBy = "", pageSize, pageToken = "", showDeleted, concealed } = request;
  if (visibility.kind !== "all" || pageToken !== "" || filter.length > recurringFilterLength) return undefined;
  const hidden = concealed === undefined || concealed.size === 0 ? [] : [...concealed];
  return JSON.stringify([tenant, filter, orderBy, pageSize, showDeleted, request.locale, hidden]);
};

const planned = (listing: Listing, request: ListRequest): ListPlan | DomainError => {
  const checked = checkRequest(listing, request);
  if (isDomainError(checked)) return checked;
  const { predicate, order, pageSize, cursor, scope } = checked;
  const locale = request.locale ?? "en";
  const conditions = takeApart(predicate, order);
  const costly = unserved(listing, order, conditions);
  if (costly) return refuse("FILTER_TOO_COSTLY", "filter", [costly], locale);

  const runs = readOn(order, cursor);
  const shown = scope.showDeleted ? [] : [{ [listing.deleted]: null }];
  const walked = walkedBy(listing, request.visibility);
  const shared = sharedIn(request.visibility).flatMap(scansOfShared);
  const seeking = seenBy(listing, request.visibility).flatMap((seen) => scansOf(seen));
  return {
    ...(walked === undefined
      ? { scans: [...seeking, ...shared] }
      : {
          scans: [...scansOf("everything", walked).map(hurried), ...shared],
          otherwise: [...seeking, ...shared],
        }),
    sort: sortOf(order),
    order,
    pageSize,
    timedOut: refuse(
      "FILTER_TOO_COSTLY",
      "filter",
      [problem("FILTER_TIMED_OUT", { limitMs: String(listing.residualTimeMs) })],
      locale,
    ),
    nextPageToken: (last) => encodePageToken(scope, cursorOf(order, last)),
  };

  function scansOf(seen: Equality | "everything", look?: Document): Scan[] {
    const equalities = seen === "everything" ? conditions.equalities : narrowed(conditions.equalities, seen);
    if (equalities === undefined) return [];
    const { index, covered, left } = chooseIndex(
      listing,
      order,
      equalities,
      seen === "everything" ? undefined : seen.path,
    );
    const looks = [
      ...left.map(equalityFilter),
      ...conditions.rest.map(engineFilter),
      ...(look === undefined ? [] : [look]),
    ];
    return runs.map((run) => ({
      filter: allOf([
        { tenant: request.tenant },
        ...covered.map(equalityFilter),
        ...run,
        ...conditions.bounds,
        ...shown,
        ...looks,
      ]),
      hint: index.name,
      ...(looks.length > 0 && { maxTimeMs: listing.residualTimeMs }),
    }));
  }

  function scansOfShared(ids: readonly string[]): Scan[] {
    return runs.map((run) => ({
      filter: allOf([
        { _id: { $in: ids }, tenant: request.tenant },
        ...run,
        ...conditions.bounds,
        ...shown,
        ...conditions.equalities.map(equalityFilter),
        ...conditions.rest.map(engineFilter),
      ]),
      hint: idIndex,
      sorts: true,
    }));
  }
};

const hurried = (scan: Scan): Scan => ({ ...scan, maxTimeMs: Math.min(walkTimeMs, scan.maxTimeMs ?? walkTimeMs) });

/** What lets a record through on a walk along the order; undefined where the runs of owner and teams are read. */
const walkedBy = ({ owned }: Listing, visibility: Visibility): Document | undefined => {
  if (visibility.kind !== "team" || owned === undefined) return undefined;
  const { ownerId, teamIds, teamCount = Number.POSITIVE_INFINITY } = visibility;
  if (teamIds.length <= teamsPerScan || teamIds.length < teamCount * walkedPart) return undefined;
  return { $or: [{ [owned.team]: { $in: teamIds } }, { [owned.owner]: ownerId }] };
};

/** The ids of shared records, as many to a list as one scan takes. */
const sharedIn = (visibility: Visibility): readonly (readonly string[])[] =>
  visibility.kind === "all" ? [] : parted([...(visibility.shared ?? [])].toSorted(), sharedPerScan);

const parted = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, number) =>
    items.slice(number * size, (number + 1) * size),
  );

/** What a visibility lets through by owner and team, as equalities of which any may hold. */
const seenBy = ({ owned }: Listing, visibility: Visibility): readonly (Equality | "everything")[] => {
  if (visibility.kind === "all") return ["everything"];
  if (owned === undefined) throw new Error(`a list of nobody's rows cannot be narrowed to ${visibility.kind}`);
  const { owner, team } = owned;
  switch (visibility.kind) {
    case "own":
      return [{ path: owner, values: [visibility.ownerId] }];
    case "team": {
      const lists = parted([...new Set(visibility.teamIds)].toSorted(), teamsPerScan);
      return [{ path: owner, values: [visibility.ownerId] }, ...lists.map((values) => ({ path: team, values }))];
    }
  }
};

/** The equalities with what is seen among them; undefined when they ask for what is not seen. */
const narrowed = (equalities: readonly Equality[], seen: Equality): readonly Equality[] | undefined => {
  const asked = equalities.find(({ path }) => path === seen.path);
  if (asked === undefined) return [...equalities, seen];
  const values = intersect(asked.values, seen.values);
  return values.length === 0 ? undefined : equalities.map((each) => (each === asked ? { ...asked, values } : each));
};

const equalityFilter = ({ path, values }: Equality): Document => ({
  [path]: values.length === 1 ? values[0] : { $in: values },
});
