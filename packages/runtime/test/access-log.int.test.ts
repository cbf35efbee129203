import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { testEngines } from "@keynode/engines/testing";
import type { Call } from "@keynode/grpc/call";
import type { Host } from "@keynode/messaging/host";
import { Refusal } from "@keynode/grpc/refusal";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AccessLog, type AccessRow, openAccessLog } from "../src/access-log.ts";
import { denialRecorder, readRecorder } from "../src/access-records.ts";

const mongo = mongoClient(testEngines().mongodbUri);
const db = mongo.db(`test_accesses_${randomUUID().replaceAll("-", "")}`);
const silent = () => undefined;
const host: Host = { now: () => new Date(), log: { debug: silent, info: silent, warn: silent, error: silent } };
let accesses: AccessLog;

beforeAll(async () => {
  accesses = await openAccessLog(db, host);
});
afterAll(async () => {
  await accesses.stop();
  await db.dropDatabase();
  await mongo.close();
});

const callOf = (tenant: string, more: Partial<Call> = {}): Call =>
  ({
    tenant,
    actor: "user_1",
    method: "crm.lead.v1.LeadService/GetLead",
    origin: { requestId: "r1" },
    ...more,
  }) as Call;
const rowsOf = (tenant: string): Promise<AccessRow[]> =>
  db.collection<AccessRow>("accesses").find({ tenant }).toArray();
const phoneOf = (id: string) => [{ collection: "leads", recordIds: [id], fields: ["phone"], count: 1 }];

it("a read is on record by the time it may be answered, with who, from where and which fields", async () => {
  const tenant = randomUUID();
  await readRecorder(accesses)(callOf(tenant), phoneOf("lead_1"));
  expect(await rowsOf(tenant)).toMatchObject([
    {
      kind: "READ",
      action: "GetLead",
      actor: "user_1",
      origin: { requestId: "r1" },
      collection: "leads",
      recordIds: ["lead_1"],
      recordCount: 1,
      fields: ["phone"],
      refusal: "",
    },
  ]);
});

it("the same shown again within a minute is on record once; another record, session or network is not the same", async () => {
  const tenant = randomUUID();
  const tell = readRecorder(accesses);
  await tell(callOf(tenant), phoneOf("lead_1"));
  await tell(callOf(tenant, { origin: { requestId: "r2" } }), phoneOf("lead_1"));
  expect(await rowsOf(tenant)).toHaveLength(1);
  await tell(callOf(tenant), phoneOf("lead_2"));
  await tell(callOf(tenant, { origin: { sessionId: "s2" } }), phoneOf("lead_1"));
  await tell(callOf(tenant, { origin: { network: "203.0.113.0/24" } }), phoneOf("lead_1"));
  expect(await rowsOf(tenant)).toHaveLength(4);
});

it("a page names its first hundred records and how many there were", async () => {
  const tenant = randomUUID();
  const recordIds = Array.from({ length: 250 }, (_, index) => `lead_${index}`);
  await accesses.record(callOf(tenant), [{ kind: "READ", collection: "leads", recordIds }]);
  const [row] = await rowsOf(tenant);
  expect([row?.recordIds.length, row?.recordCount]).toEqual([100, 250]);
});

it("what cannot be recorded is refused, and is no repeat of anything when it is asked for again", async () => {
  const tenant = randomUUID();
  const away = mongoClient(testEngines().mongodbUri);
  const failing = await openAccessLog(away.db(db.databaseName), host);
  const tell = readRecorder(failing);
  await away.close();
  const refused = await tell(callOf(tenant), phoneOf("lead_1")).catch((error: unknown) => error);
  expect(refused instanceof Refusal && refused.refusal.reason).toBe("ACCESS_LOG_UNAVAILABLE");
  await expect(tell(callOf(tenant), phoneOf("lead_1"))).rejects.toThrow("ACCESS_LOG_UNAVAILABLE");
  expect(await rowsOf(tenant)).toEqual([]);
});

it("equal refusals become one row that counts them; a service's are no refusals of a person", async () => {
  const tenant = randomUUID();
  const log = await openAccessLog(db, host);
  const tell = denialRecorder(log);
  const principal = { tenant, actor: "user_1", roles: [], teams: [], grants: {}, policyVersion: 1 };
  const denied = { principal, method: "crm.lead.v1.LeadService/DeleteLead", origin: {} };
  const refusal = { kind: "DomainError", reason: "PERMISSION_DENIED", metadata: {}, violations: [] } as const;
  for (let count = 0; count < 7; count += 1) tell({ ...denied, refusal } as never);
  tell({ ...denied, principal: { ...principal, actor: "service:lead" }, refusal } as never);
  await log.stop();
  expect(await rowsOf(tenant)).toMatchObject([
    { kind: "DENIAL", action: "DeleteLead", refusal: "PERMISSION_DENIED", occurrences: 7 },
  ]);
});

it("rows come in order, after a place and up to an instant", async () => {
  const tenant = randomUUID();
  for (let count = 0; count < 5; count += 1)
    await accesses.record(callOf(tenant), [{ kind: "EXPORT", collection: `c${count}` }]);
  const stored = (await rowsOf(tenant)).toSorted((a, b) => +a.recordedAt - +b.recordedAt || (a._id < b._id ? -1 : 1));
  const [first, , , fourth] = stored;
  if (!first || !fourth) throw new Error("rows are missing");
  const found: string[] = [];
  for await (const row of accesses.scan({
    after: { recordedAt: first.recordedAt, id: first._id },
    until: fourth.recordedAt,
  }))
    if (row.tenant === tenant) found.push(row._id);
  const expected = stored.filter((row) => row !== first && row.recordedAt <= fourth.recordedAt);
  expect(found).toEqual(expected.map(({ _id }) => _id));
});
