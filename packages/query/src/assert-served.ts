import type { Collection, Document, Filter } from "mongodb";
import type { ListPlan } from "./list-plan.ts";

/**
 * For tests: throws unless the engine answers every scan of a plan by walking the planned index in order; of one that
 * sorts what it finds, by that index alone. It reads the explain output of MongoDB (stages) and of DocumentDB (PostgreSQL nodes).
 */
export const assertServed = async <Row extends { _id: string }>(
  collection: Collection<Row>,
  plan: ListPlan,
): Promise<void> => {
  for (const { filter, hint, sorts } of [...plan.scans, ...(plan.otherwise ?? [])]) {
    const explained: unknown = await collection
      .find(filter as Filter<Row>, { sort: plan.sort, limit: plan.pageSize + 1, hint })
      .explain("queryPlanner");
    if (sorts ? !servedByIndex(explained, hint) : !servedInOrder(explained, hint)) {
      throw new Error(
        `${JSON.stringify(filter)} is not served ${sorts ? "" : "in order "}by ${hint}: ${JSON.stringify(explained)}`,
      );
    }
  }
};

/** Whether an engine's explain output tells of walks of that index only, without a sort. */
export const servedInOrder = (explained: unknown, hint: string): boolean => {
  const { steps, indexes } = readExplain(explained);
  return indexes.length > 0 && indexes.every((name) => name === hint) && !steps.some((step) => unordered.has(step));
};

/** Whether an engine's explain output tells of walks of that index only, sorted afterwards or not. */
export const servedByIndex = (explained: unknown, hint: string): boolean => {
  const { steps, indexes } = readExplain(explained);
  return indexes.length > 0 && indexes.every((name) => name === hint) && !steps.some((step) => unindexed.has(step));
};

/** Steps that read what no index narrowed. */
const unindexed: ReadonlySet<string> = new Set(["COLLSCAN", "Seq Scan"]);

/** Steps that sort, or read what no index narrowed: MongoDB's stages, then PostgreSQL's nodes. */
const unordered: ReadonlySet<string> = new Set([
  "SORT",
  "COLLSCAN",
  "Sort",
  "Incremental Sort",
  "Seq Scan",
  "Bitmap Heap Scan",
]);

/** Every step of the winning plan, and the indexes it reads. */
const readExplain = (explained: unknown): { steps: string[]; indexes: string[] } => {
  const steps: string[] = [];
  const indexes: string[] = [];
  walk(explained);
  return { steps, indexes };

  function walk(node: unknown): void {
    if (Array.isArray(node)) node.forEach(walk);
    if (!isDocument(node)) return;
    for (const [key, value] of Object.entries(node)) {
      if ((key === "stage" || key === "Node Type") && typeof value === "string") steps.push(value);
      else if (key === "indexName" && typeof value === "string") indexes.push(value);
      else if (!notPlanned.has(key)) walk(value);
    }
  }
};

/** Plans that lost, costs of indexes that were only considered, and the echo of the command. */
const notPlanned: ReadonlySet<string> = new Set(["rejectedPlans", "IndexCosts", "command", "executionStats"]);

const isDocument = (value: unknown): value is Document => typeof value === "object" && value !== null;
