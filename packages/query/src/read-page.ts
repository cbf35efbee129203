import type { DomainError } from "@keynode/decider/domain-error";
import { type Collection, type Document, type Filter, MongoServerError } from "mongodb";
import type { ListPlan, Scan } from "./list-plan.ts";
import { compareBy } from "./page-order.ts";

export type Page<Row> = {
  readonly documents: readonly Row[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
};

export type ReadOptions = {
  /** Ends the reads when the caller hangs up. */
  readonly signal?: AbortSignal;
  /** Paths that are not fetched, such as `outbox`. */
  readonly omit?: readonly string[];
};

/** Reads the page that a plan describes. Errors: FILTER_TOO_COSTLY when a bounded scan's time is up. */
export const readPage = async <Row extends { _id: string }>(
  collection: Collection<Row>,
  plan: ListPlan,
  { signal, omit = [] }: ReadOptions = {},
): Promise<Page<Row> | DomainError> => {
  // One record more than shown tells whether another page follows.
  const limit = plan.pageSize + 1;
  try {
    const found = await Promise.all(plan.scans.map(run)).catch(insteadOf);
    const documents = merge(found, plan);
    const shown = documents.slice(0, plan.pageSize);
    const last = shown.at(-1);
    const more = documents.length > plan.pageSize && last !== undefined;
    return { documents: shown, nextPageToken: more ? plan.nextPageToken(last) : "" };
  } catch (error) {
    if (isTimeUp(error)) return plan.timedOut;
    throw error;
  }

  function insteadOf(error: unknown): Promise<Row[][]> {
    if (plan.otherwise === undefined || !isTimeUp(error)) throw error;
    return Promise.all(plan.otherwise.map(run));
  }

  function run({ filter, hint, maxTimeMs }: Scan): Promise<Row[]> {
    return collection
      .find<Row>(filter as Filter<Row>, {
        sort: plan.sort,
        limit,
        batchSize: limit + 1,
        hint,
        projection: Object.fromEntries(omit.map((path) => [path, 0])),
        ...(signal && { signal }),
        ...(maxTimeMs !== undefined && { maxTimeMS: maxTimeMs }),
      })
      .toArray();
  }
};

/** Several runs in order become one; a record that two visibilities let through is in it once. */
const merge = <Row extends Document>(
  [first = [], ...others]: readonly Row[][],
  { order }: ListPlan,
): readonly Row[] => {
  if (others.length === 0) return first;
  const all = new Map([first, ...others].flat().map((row) => [row["_id"], row]));
  return [...all.values()].sort(compareBy(order));
};

/** MaxTimeMSExpired. */
const timeUpCode = 50;

const isTimeUp = (error: unknown): boolean => error instanceof MongoServerError && error.code === timeUpCode;
