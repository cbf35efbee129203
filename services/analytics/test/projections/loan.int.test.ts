import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { testEngines } from "@keynode/engines/testing";
import { generationTables } from "@keynode/messaging/generation";
import type { Db, MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLoan } from "../../src/projections/loan.ts";

type Rows = {
  teams: { region?: string };
  deals: { teamId: string; region?: string | undefined; lent: { region: number } };
};

let mongo: MongoClient;
let db: Db;

beforeAll(() => {
  mongo = mongoClient(testEngines().mongodbUri);
  db = mongo.db(`test_loans_${randomUUID().replaceAll("-", "")}`);
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const open = (name: string) => {
  const { tables } = generationTables<Rows>(db, name, { teams: {}, deals: {} }, 1);
  const loan = openLoan(tables.teams, tables.deals, { field: "region", by: "teamId" });
  const place = (id: string, version: number) => ({ id, tenant: "t1", version });
  return {
    tables,
    loan,
    place,
    team: async (version: number, region: string) => {
      await tables.teams.keep(place("team_1", version), { region });
      await loan.lend(place("team_1", version), region);
    },
    keepDeal: async (version: number, teamId: string, region: string | undefined, of: number) =>
      await tables.deals.keep(place("deal_1", version), { teamId, region, lent: { region: of } }),
    deal: async () => await tables.deals.rows.findOne({ _id: "deal_1" }),
  };
};

it("a row that was kept with what its lender said before is brought what it says now", async () => {
  const { loan, place, team, keepDeal, deal } = open("overtaken");
  await team(1, "East");
  const before = await loan.borrow(place("deal_1", 1), "team_1");
  expect(before).toEqual({ value: "East", version: 1 });
  await team(2, "West");
  await keepDeal(1, "team_1", "East", before.version);
  await loan.renew(place("deal_1", 1), "team_1");
  expect(await deal()).toMatchObject({ region: "West", lent: { region: 2 } });
});

it("an event that comes again after a crash still mends the row that it had kept", async () => {
  const { loan, place, team, keepDeal, deal } = open("crashed");
  await team(2, "West");
  await keepDeal(1, "team_1", "East", 1);
  await keepDeal(1, "team_1", "West", 2);
  expect(await deal()).toMatchObject({ region: "East" });
  await loan.renew(place("deal_1", 1), "team_1");
  expect(await deal()).toMatchObject({ region: "West" });
});

it("a value gives way to that of a higher version only", async () => {
  const { loan, place, team, keepDeal, deal } = open("late");
  await keepDeal(1, "team_1", undefined, 0);
  await team(3, "West");
  await loan.lend(place("team_1", 2), "East");
  expect(await deal()).toMatchObject({ region: "West", lent: { region: 3 } });
  await loan.lend(place("team_1", 4), undefined);
  expect(await deal()).not.toHaveProperty("region");
});

it("a row that names another lender by now takes nothing from the former one", async () => {
  const { loan, place, team, keepDeal, deal } = open("moved");
  await team(5, "West");
  await keepDeal(2, "team_2", undefined, 0);
  await loan.renew(place("deal_1", 1), "team_1");
  expect(await deal()).not.toHaveProperty("region");
});
