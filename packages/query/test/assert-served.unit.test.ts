import { describe, expect, it } from "vitest";
import { servedInOrder } from "../src/assert-served.ts";

const walk = (indexName: string) => ({ stage: "FETCH", inputStage: { stage: "IXSCAN", indexName } });
const mongo = (winningPlan: object, rejectedPlans: object[] = []) => ({ queryPlanner: { winningPlan, rejectedPlans } });
const node = (name: string, ...Plans: object[]) => ({ "Node Type": name, Plans });
const documentDb = (Plan: object) => ({ queryPlanner: { Plan } });
const scan = (indexName: string) => ({ ...node("Custom Scan", node("Index Scan")), IndexDetails: [{ indexName }] });

describe("served in order by list_a", () => {
  it.each<[string, object]>([
    ["an index walk", mongo({ stage: "LIMIT", inputStage: walk("list_a") })],
    ["runs of one index merged", mongo({ stage: "SORT_MERGE", inputStages: [walk("list_a"), walk("list_a")] })],
    ["a walk whose rival sorts", mongo({ stage: "LIMIT", inputStage: walk("list_a") }, [{ stage: "SORT" }])],
    [
      "a walk by the slot-based engine",
      mongo({ queryPlan: { stage: "LIMIT", inputStage: walk("list_a") }, slotBasedPlan: {} }),
    ],
    ["a walk on each shard", mongo({ stage: "SHARD_MERGE_SORT", shards: [{ winningPlan: walk("list_a") }] })],
    ["DocumentDB's index scan", documentDb(node("Limit", scan("list_a")))],
    ["DocumentDB's merge of runs", documentDb(node("Limit", node("Merge Append", scan("list_a"))))],
  ])("%s", (_, explained) => {
    expect(servedInOrder(explained, "list_a")).toBe(true);
  });
});

describe("not served in order by list_a", () => {
  it.each<[string, object]>([
    ["a sort", mongo({ stage: "SORT", inputStage: walk("list_a") })],
    ["a walk of the collection", mongo({ stage: "LIMIT", inputStage: { stage: "COLLSCAN" } })],
    ["another index", mongo({ stage: "LIMIT", inputStage: walk("list_b") })],
    [
      "a sort on one shard",
      mongo({ stage: "SHARD_MERGE_SORT", shards: [{ winningPlan: { stage: "SORT", inputStage: walk("list_a") } }] }),
    ],
    ["DocumentDB's sort", documentDb(node("Limit", node("Sort", scan("list_a"))))],
    ["DocumentDB's sort of runs", documentDb(node("Limit", node("Incremental Sort", scan("list_a"))))],
    [
      "DocumentDB's bitmap",
      documentDb(node("Limit", { ...node("Bitmap Heap Scan"), IndexDetails: [{ indexName: "list_a" }] })),
    ],
    ["DocumentDB's walk of the table", documentDb(node("Limit", node("Seq Scan")))],
    ["another index of DocumentDB", documentDb(node("Limit", scan("list_b")))],
    ["nothing that is understood", {}],
  ])("%s", (_, explained) => {
    expect(servedInOrder(explained, "list_a")).toBe(false);
  });
});
