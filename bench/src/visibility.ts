import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { planList } from "@keynode/query/list-plan";
import { defineListing, listIndexes } from "@keynode/query/listing";
import { readPage } from "@keynode/query/read-page";
import { type Collection, MongoClient } from "mongodb";

/**
 * How much longer a page of fifty takes for a manager of all 1,000 teams than for one of three, in a tenant of 10,000 users:
 * the p95 of interleaved reads, and their ratio. `node --conditions=source bench/src/visibility.ts MONGODB_URI`
 */
const [teams, users, records, rounds, warmUp] = [1_000, 10_000, 60_000, 400, 40] as const;

type Row = {
  _id: string;
  tenant: string;
  state: { ownerId: string; teamId: string; createTime: Date; status: string };
};

const listing = defineListing({
  fields: {
    createTime: { path: "state.createTime", type: "time" },
    status: { path: "state.status", type: "enum", values: ["NEW", "LOST"] },
  },
  indexes: [["status", "-createTime"]],
  defaultOrder: "-createTime",
});

const teamId = (number: number): string => `team_${String(number).padStart(4, "0")}`;
const tenant = "tenant_bench";

const seed = async (collection: Collection<Row>): Promise<void> => {
  await collection.createIndexes(listIndexes(listing));
  for (let start = 0; start < records; start += 2_000) {
    await collection.insertMany(
      Array.from({ length: 2_000 }, (_, offset) => {
        const number = start + offset;
        return {
          _id: `lead_${randomUUID()}`,
          tenant,
          state: {
            ownerId: `user_${(number * 7_919) % users}`,
            teamId: teamId((number * 104_729) % teams),
            createTime: new Date(1_700_000_000_000 + number * 1_000),
            status: number % 5 === 0 ? "LOST" : "NEW",
          },
        };
      }),
    );
  }
};

const pageMs = async (collection: Collection<Row>, teamIds: readonly string[]): Promise<number> => {
  const visibility = { kind: "team", ownerId: "user_1", teamIds, teamCount: teams } as const;
  const startedMs = performance.now();
  const plan = planList(listing, { tenant, visibility });
  if (!("scans" in plan)) throw new Error(plan.reason);
  const page = await readPage(collection, plan);
  if (!("documents" in page) || page.documents.length !== 50) throw new Error("no full page");
  return performance.now() - startedMs;
};

const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;

const uri = process.argv[2];
if (uri === undefined) throw new Error("usage: node --conditions=source bench/src/visibility.ts MONGODB_URI");
const client = await MongoClient.connect(uri, { retryWrites: false });
const db = client.db(`bench_visibility_${randomUUID().slice(0, 8)}`);
try {
  const collection = db.collection<Row>("leads");
  await seed(collection);
  const every = Array.from({ length: teams }, (_, number) => teamId(number));
  const contenders = [
    { name: "3 teams", teamIds: every.slice(0, 3), times: [] as number[] },
    { name: "1,000 teams", teamIds: every, times: [] as number[] },
  ];
  for (let round = 0; round < rounds + warmUp; round += 1) {
    for (const { teamIds, times } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const tookMs = await pageMs(collection, teamIds);
      if (round >= warmUp) times.push(tookMs);
    }
  }
  const [few, many] = contenders.map(({ times }) => p95(times));
  for (const { name, times } of contenders) process.stdout.write(`${name}: p95 ${p95(times).toFixed(2)} ms\n`);
  process.stdout.write(`ratio ${((many ?? 0) / (few ?? 1)).toFixed(2)}\n`);
} finally {
  await db.dropDatabase();
  await client.close();
}
