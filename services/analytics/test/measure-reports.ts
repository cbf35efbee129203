/**
 * Measures reports at rest over 20,000 deals, through gRPC with everything on, against a live group-by of the plain driver
 * over as many documents on the same engine in the same run.
 *
 *     MONGODB_URI=… NATS_URL=… node --conditions=source services/analytics/test/measure-reports.ts
 */
import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { newId } from "@keynode/aggregate/type-id";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { createMinter } from "@keynode/auth/minter";
import { GetSalesReportRequest, ReportServiceService } from "@keynode/contracts/crm/analytics/v1/report_service";
import { grpcClient } from "@keynode/grpc/client";
import { generationTables } from "@keynode/messaging/generation";
import { lanes } from "@keynode/messaging/lanes";
import { loadServiceConfig } from "@keynode/runtime/service-config";
import { startService } from "@keynode/runtime/start-service";
import { salesProjection } from "../src/projections/sales.ts";
import { analyticsService } from "../src/service.ts";
import { closed, day, factsOf, usd } from "./facts.ts";

const dealCount = 20_000;
const connections = 32;
const seconds = 5;

const { MONGODB_URI = "", NATS_URL = "" } = process.env;
const database = `bench_reports_${randomUUID().replaceAll("-", "")}`;
const keys = await generateKeyPair();
const service = await startService(
  analyticsService,
  loadServiceConfig(analyticsService, {
    GRPC_PORT: "0",
    MONGODB_URI,
    MONGODB_DATABASE: database,
    NATS_URL,
    INTERNAL_KEY: JSON.stringify(keys.privateJwk),
    TRUSTED_KEYS: JSON.stringify({ gateway: [keys.publicJwk] }),
    LOG_LEVEL: "error",
  }),
);
const mongo = mongoClient(MONGODB_URI, { maxPoolSize: 20 });
const db = mongo.db(database);
const facts = factsOf(newId("tenant"));
const mint = createMinter({ issuer: "gateway", privateJwk: keys.privateJwk, keyId: keys.keyId });
const admin = {
  tenant: facts.tenant,
  actor: newId("user"),
  roles: [],
  teams: [],
  grants: { "*": "all" as const },
  policyVersion: 1,
};
const reports = grpcClient(ReportServiceService, {
  address: `127.0.0.1:${service.port}`,
  token: () => mint(admin, "analytics"),
  deadlineMs: 60_000,
});

const owners = Array.from({ length: 35 }, () => newId("user"));
const outcomes = ["WON", "WON", "LOST", "OPEN"] as const;
const deals = Array.from({ length: dealCount }, (_deal, index) => {
  const month = String(1 + (index % 12)).padStart(2, "0");
  const outcome = outcomes[index % outcomes.length] ?? "OPEN";
  return {
    ownerId: owners[index % owners.length] ?? "",
    engageDate: day(`2016-${month}-01`),
    ...(outcome !== "OPEN" && closed(outcome, `2017-${month}-15`, usd(BigInt(index)))),
  };
});

const { apply, tables: specs, name } = salesProjection();
const { tables, collections } = generationTables(db, name, specs, 1);
const inLane = lanes(128);
const folding = performance.now();
await apply(facts.tenantCreated({}), tables);
await Promise.all(
  deals.map((deal) => {
    const event = facts.dealOpened(deal);
    return inLane(event.recordId, () => apply(event, tables));
  }),
);
console.log(`folded ${Math.round(dealCount / ((performance.now() - folding) / 1_000))} events/s`);

const floor = db.collection("floor");
await floor.createIndex({ tenant: 1, ownerId: 1 });
for (let from = 0; from < dealCount; from += 1_000)
  await floor.insertMany(
    deals.slice(from, from + 1_000).map(({ ownerId, status, close }) => ({
      tenant: facts.tenant,
      ownerId,
      status: status ?? "OPEN",
      amount: Number(close?.value?.units ?? 0n),
    })),
  );

const liveGroupBy = async () =>
  await floor
    .aggregate([
      { $match: { tenant: facts.tenant } },
      { $group: { _id: { owner: "$ownerId", status: "$status" }, count: { $sum: 1 }, value: { $sum: "$amount" } } },
    ])
    .toArray();

const request = GetSalesReportRequest.fromPartial({ groupBy: "OWNER" });
const report = () => reports.getSalesReport(request);
/** As after a change: nothing that was made before counts. */
const reportOfNewFacts = async () => {
  await collections.revisions.updateOne({ _id: facts.tenant }, { $inc: { version: 1 } });
  return await report();
};

const measure = async (label: string, call: () => Promise<unknown>, width: number): Promise<number> => {
  const until = performance.now() + seconds * 1_000;
  const tookMs: number[] = [];
  const cpuBefore = process.cpuUsage();
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (performance.now() < until) {
        const began = performance.now();
        await call();
        tookMs.push(performance.now() - began);
      }
    }),
  );
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => (tookMs[Math.floor(tookMs.length * share)] ?? 0).toFixed(1);
  const perSecond = tookMs.length / seconds;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = ((user + system) / 1_000 / tookMs.length).toFixed(2);
  console.log(
    `${label} at ${width}: ${perSecond.toFixed(1)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `${cpuMs} ms CPU here (client and service)`,
  );
  return perSecond;
};

await report();
for (const width of [1, connections]) {
  const before = await measure("live group-by, plain driver", liveGroupBy, width);
  const ours = await measure("report at rest", report, width);
  const changed = await measure("report after a change", reportOfNewFacts, width);
  console.log(
    `ratio at ${width}: ${(ours / before).toFixed(1)} at rest, ${(changed / before).toFixed(2)} after each change`,
  );
}

reports.close();
await service.stop();
await db.dropDatabase();
await mongo.close();
