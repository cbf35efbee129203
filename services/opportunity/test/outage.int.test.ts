import { newId } from "@keynode/aggregate/type-id";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { OpportunityServiceService } from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { RpcError } from "@keynode/grpc/rpc-error";
import { type ClosableWays, closableWays, type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { opportunityService } from "../src/service.ts";

let under: ServiceUnderTest;
let deals: GrpcClient<typeof OpportunityServiceService>;
type Passages = ReturnType<ClosableWays["passages"]>;
let database: Passages["database"];
let bus: Passages["bus"];

/** Minutes become seconds: whatever gives up after a while gives up several times while one of these outages lasts. */
const timeouts = "serverSelectionTimeoutMS=300&connectTimeoutMS=300&socketTimeoutMS=700&heartbeatFrequencyMS=500";
const writeMs = 1_500;
/** A read is tried four times by its caller. */
const readMs = 4_000;
const refusals = 2;

beforeAll(async () => {
  const ways = closableWays(timeouts);
  under = await startForTest(opportunityService, {}, ways);
  ({ database, bus } = ways.passages());
  deals = under.client(OpportunityServiceService);
});

afterEach(async () => {
  await Promise.all([database.open(), bus.open()]);
});

afterAll(() => {
  database.stop();
  bus.stop();
});

const open = (idempotencyKey: string = newId("key")) =>
  deals.createOpportunity(
    { opportunity: Opportunity.fromPartial({ name: "Acme printers" }) },
    { idempotencyKey, deadline: new Date(Date.now() + writeMs) },
  );
const read = (id: string) => deals.getOpportunity({ id, readMask: [] }, { deadline: new Date(Date.now() + readMs) });
const refusalOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  return error instanceof RpcError ? [error.code, error.details.reason] : error;
};
const statusOf = async (id: string) => (await read(id)).status;
const typesOf = async (id: string) => (await under.recorded(id)).map(({ type }) => type);

const closures = ["refused", "silent"] as const;

describe.each(closures)("a database that is away (%s)", (how) => {
  it("makes the service unavailable, which comes back by itself with everything that was acknowledged", async () => {
    const { id } = await open();
    await under.service.drained();
    database.close(how);
    const key = newId("key");
    // The first call into a silence ends with its own time; then the store is known to be away.
    await expect.poll(() => refusalOf(open(key)), { timeout: 10_000 }).toEqual(["UNAVAILABLE", "STORE_UNAVAILABLE"]);
    for (let call = 0; call < refusals; call += 1) {
      expect(await refusalOf(open(key))).toEqual(["UNAVAILABLE", "STORE_UNAVAILABLE"]);
      expect(await refusalOf(read(id))).toEqual(["UNAVAILABLE", "STORE_UNAVAILABLE"]);
    }
    await database.open();
    await expect.poll(() => statusOf(id).catch(() => "away"), { timeout: 25_000 }).toBe("OPEN");
    const made = await open(key);
    expect((await open(key)).id).toBe(made.id);
    expect(await typesOf(made.id)).toEqual(["OpportunityOpened"]);
  }, 60_000);
});

describe.each(closures)("a broker that is away (%s)", (how) => {
  it("keeps no command from being taken, and their events go out once when it is back", async () => {
    bus.close(how);
    const taken = await Promise.all(Array.from({ length: refusals }, () => open()));
    expect(await Promise.all(taken.map(({ id }) => statusOf(id)))).toEqual(taken.map(() => "OPEN"));
    await bus.open();
    await under.service.drained();
    const subject = `crm.v1.opportunity.OpportunityOpened.${under.tenant}`;
    const recorded = await under.db.collection("journal").countDocuments({ type: "OpportunityOpened" });
    expect(await under.published("opportunity", subject)).toBe(recorded);
  }, 30_000);
});
