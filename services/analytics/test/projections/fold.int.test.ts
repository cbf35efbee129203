import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { newId } from "@keynode/aggregate/type-id";
import { testEngines } from "@keynode/engines/testing";
import { generationTables } from "@keynode/messaging/generation";
import { lanes } from "@keynode/messaging/lanes";
import type { Recorded } from "@keynode/messaging/recorded";
import fc from "fast-check";
import type { Db, MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { salesProjection } from "../../src/projections/sales.ts";
import { funnelReport } from "../../src/reports/funnel-report.ts";
import { salesReport } from "../../src/reports/sales-report.ts";
import { closed, day, type Facts, factsOf, newFacts, usd } from "../facts.ts";

let mongo: MongoClient;
let db: Db;
let generations = 0;

beforeAll(() => {
  mongo = mongoClient(testEngines().mongodbUri);
  db = mongo.db(`test_folds_${randomUUID().replaceAll("-", "")}`);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

/** Folds events into tables of their own, as a replica does: many at once, of one record one at a time. */
const folded = async (events: readonly Recorded[]) => {
  const { apply, tables: specs, name } = salesProjection();
  const { tables, collections, prepare } = generationTables(db, name, specs, ++generations);
  await prepare();
  const inLane = lanes(16);
  await Promise.all(events.map((event) => inLane(event.recordId, () => apply(event, tables))));
  return collections;
};

type Collections = Awaited<ReturnType<typeof folded>>;

/** Every row but the revisions, which count how often facts came. */
const rowsOf = async ({ revisions: _revisions, ...tables }: Collections, { tenant }: Facts) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(tables).map(async ([name, rows]) => [
        name,
        await rows.find({ tenant }).sort({ _id: 1 }).toArray(),
      ]),
    ),
  );

const reportsOf = async (tables: Collections, { tenant }: Facts) => {
  const scope = { tenant, visibility: { kind: "all" } as const };
  const wanted = { ownerId: "", teamId: "", region: "", productIds: "", sector: "" };
  const period = { from: day("2017-01-01"), until: day("2017-06-30") };
  return await Promise.all([
    ...(["OWNER", "REGION", "SECTOR", "MONTH", "PRODUCT"] as const).map((groupBy) =>
      salesReport(tables, { ...scope, period, groupBy, currency: "", wanted }),
    ),
    funnelReport(tables, { ...scope, period: {}, pipelineId: "", wanted: { ownerId: "", teamId: "" } }),
  ]);
};

describe("a deal's sector and region", () => {
  const permutations = <Item>(items: readonly Item[]): Item[][] =>
    items.length === 0
      ? [[]]
      : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));

  it("are those of its customer and team, whichever of them is heard of first", async () => {
    const { apply, tables: specs, name } = salesProjection();
    const { tables } = generationTables(db, name, specs, ++generations);
    await Promise.all(
      permutations([0, 1, 2, 3, 4]).map(async (order) => {
        const facts = newFacts();
        const [id, former, accountId, teamId] = [
          newId("opportunity"),
          newId("account"),
          newId("account"),
          newId("team"),
        ];
        const events = [
          facts.dealOpened({ id, accountId: former, teamId }),
          facts.dealEdited({ id, accountId, teamId }, 2),
          facts.accountCreated({ id: accountId, sector: "retail" }),
          facts.accountEdited({ id: accountId, sector: "medical" }, 2),
          facts.teamCreated({ id: teamId, region: "East" }),
        ];
        for (const event of order.map((index) => events[index])) if (event) await apply(event, tables);
        const expected = { sector: "medical", region: "East", version: 2 };
        expect(await tables.deals.rows.findOne({ _id: id }), order.join()).toMatchObject(expected);
      }),
    );
  });

  it("go with a customer that is deleted, and a late word of it does not bring them back", async () => {
    const facts = newFacts();
    const account = { id: "account_1", sector: "retail" };
    const tables = await folded([
      facts.dealOpened({ accountId: "account_1" }),
      facts.accountDeleted({ ...account, deleteTime: new Date() }, 2),
    ]);
    const { apply } = salesProjection();
    const again = generationTables(db, "sales", salesProjection().tables, generations).tables;
    await apply(facts.accountCreated(account), again);
    expect(await tables.deals.findOne()).not.toHaveProperty("sector");
  });
});

describe("facts (C-120)", () => {
  it("give the same rows and reports in any order, with any repeats", { timeout: 120_000 }, async () => {
    const choice = (prefix: string) => fc.integer({ min: 1, max: 3 }).map((index) => `${prefix}_${index}`);
    const dayOf2017 = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 28 }))
      .map(([month, date]) => `2017-0${month}-${String(date).padStart(2, "0")}`);
    const deal = fc
      .record({
        accountId: choice("account"),
        teamId: choice("team"),
        ownerId: choice("user"),
        productIds: fc.array(choice("product"), { maxLength: 3 }),
        engaged: fc.option(dayOf2017),
        outcome: fc.constantFrom("OPEN", "WON", "LOST"),
        on: dayOf2017,
        units: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        deleted: fc.boolean(),
      })
      .map(({ engaged, outcome, on, units, deleted, ...rest }) => ({
        ...rest,
        createTime: new Date("2017-02-01T12:00:00Z"),
        ...(engaged !== null && { engageDate: day(engaged) }),
        ...(outcome !== "OPEN" && closed(outcome === "WON" ? "WON" : "LOST", on, usd(units))),
        ...(deleted && { deleteTime: new Date("2017-09-01T00:00:00Z") }),
      }));
    const sector = fc.constantFrom("retail", "medical", "");
    const history = fc.record({
      deals: fc.array(fc.array(deal, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 8 }),
      sectors: fc.array(fc.array(sector, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
      regions: fc.array(fc.array(sector, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
      leads: fc.array(fc.constantFrom("NEW", "QUALIFIED", "DISQUALIFIED"), { maxLength: 4 }),
    });

    type Lived = typeof history extends fc.Arbitrary<infer Value> ? Value : never;
    const eventsOf = (facts: Facts, { deals, sectors, regions, leads }: Lived) => [
      facts.tenantCreated({}),
      facts.pipelineCreated({
        default: true,
        stages: [{ key: "prospecting", nameEn: "", nameZh: "", probability: 0 }],
      }),
      ...deals.flatMap((versions, id) =>
        versions.map((each, index) => facts.dealEdited({ ...each, id: `opportunity_${id}` }, index + 1)),
      ),
      ...sectors.flatMap((versions, id) =>
        versions.map((each, index) => facts.accountEdited({ id: `account_${id + 1}`, sector: each }, index + 1)),
      ),
      ...regions.flatMap((versions, id) =>
        versions.map((each, index) => facts.teamEdited({ id: `team_${id + 1}`, region: each }, index + 1)),
      ),
      ...leads.flatMap((status, id) => [
        facts.leadQualified({ id: `lead_${id}`, status: "QUALIFIED" }, 1),
        facts.leadEdited({ id: `lead_${id}`, status }, 2),
      ]),
    ];

    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (lived, numbers) => {
        const facts = factsOf("tenant_1");
        const events = eventsOf(facts, lived);
        const shuffled = [...events, ...events]
          .map((event) => ({ event, place: numbers.next().value ?? 0 }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ event }) => event);
        const [inOrder, inAnyOrder] = [await folded(events), await folded(shuffled)];
        expect(await rowsOf(inAnyOrder, facts)).toEqual(await rowsOf(inOrder, facts));
        expect(await reportsOf(inAnyOrder, facts)).toEqual(await reportsOf(inOrder, facts));
      }),
      // A failure by concurrency does not shrink.
      { numRuns: 8, endOnFailure: true },
    );
  });

  it("raise the tenant's revision after every change, and of no other tenant", async () => {
    const [facts, others] = [newFacts(), newFacts()];
    const tables = await folded([facts.dealOpened({}), facts.leadCaptured({}), others.dealOpened({})]);
    const before = await tables.revisions.findOne({ _id: facts.tenant });
    expect(before?.version).toBeGreaterThanOrEqual(1);
    expect(before?.version).toBeLessThanOrEqual(2);
    const again = generationTables(db, "sales", salesProjection().tables, generations).tables;
    await salesProjection().apply(facts.dealOpened({}), again);
    expect((await tables.revisions.findOne({ _id: facts.tenant }))?.version).toBe((before?.version ?? 0) + 1);
    expect((await tables.revisions.findOne({ _id: others.tenant }))?.version).toBe(1);
  });
});
