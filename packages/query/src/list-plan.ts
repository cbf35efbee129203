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
  /** Name of the index: as a hint it spares the engine the statistics that it would choose by. */
  readonly hint: string;
  /** Set where records are looked at that the index does not narrow: milliseconds. */
  readonly maxTimeMs?: number;
};

/** How one page is read: the scans side by side, merged in the page's order, a record of two scans taken once. */
export type ListPlan = {
  readonly scans: readonly Scan[];
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
 * Plans a page: every scan begins with the tenant, is narrowed to what the caller may see, and is served in order by
 * an index of the listing. Which filters are accepted does not depend on who asks.
 * Errors: INVALID_FILTER, INVALID_ORDER, INVALID_PAGE_SIZE, INVALID_PAGE_TOKEN, FILTER_TOO_COSTLY.
 */
export const planList = (listing: Listing, request: ListRequest): ListPlan | DomainError => {
  const checked = checkRequest(listing, request);
  if (isDomainError(checked)) return checked;
  const { predicate, order, pageSize, cursor, scope } = checked;
  const locale = request.locale ?? "en";
  const conditions = takeApart(predicate, order);
  const costly = unserved(listing, order, conditions);
  if (costly) return refuse("FILTER_TOO_COSTLY", "filter", [costly], locale);

  const runs = readOn(order, cursor);
  const shown = scope.showDeleted ? [] : [{ [listing.deleted]: null }];
  return {
    scans: seenBy(listing, request.visibility).flatMap(scansOf),
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

  function scansOf(seen: Equality | "everything"): Scan[] {
    const equalities = seen === "everything" ? conditions.equalities : narrowed(conditions.equalities, seen);
    if (equalities === undefined) return [];
    const { index, covered, left } = chooseIndex(
      listing,
      order,
      equalities,
      seen === "everything" ? undefined : seen.path,
    );
    const looks = [...left.map(equalityFilter), ...conditions.rest.map(engineFilter)];
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
};

/** What a visibility lets through, as equalities of which any may hold. */
const seenBy = ({ owned }: Listing, visibility: Visibility): readonly (Equality | "everything")[] => {
  if (visibility.kind === "all") return ["everything"];
  if (owned === undefined) throw new Error(`a list of nobody's rows cannot be narrowed to ${visibility.kind}`);
  const { owner, team } = owned;
  switch (visibility.kind) {
    case "own":
      return [{ path: owner, values: [visibility.ownerId] }];
    case "team": {
      const teams = [...new Set(visibility.teamIds)].toSorted();
      const lists = Array.from({ length: Math.ceil(teams.length / teamsPerScan) }, (_, number) =>
        teams.slice(number * teamsPerScan, (number + 1) * teamsPerScan),
      );
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
