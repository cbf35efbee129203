import { mongoClient } from "@keynode/aggregate/mongo-client";
import { expect, inject } from "vitest";
import { acceptance } from "./acceptance.ts";
import { api, eventually } from "./api.ts";
import type { SalesReport } from "./records.ts";
import { newOpportunity, newUser } from "./steps.ts";

const client = api();

type Projections = {
  readonly projections?: readonly { readonly name: string; readonly state: string; readonly generation: number }[];
};

acceptance("C-120", "emptying the figures and rebuilding them from the journals gives the same figures", async () => {
  const ownerId = await newUser(client);
  for (const units of ["100", "250", "4000"]) {
    const { id } = await newOpportunity(client, { ownerId });
    await client.post(`/v1/opportunities/${id}:win`, { reason: "PRICE", value: { currencyCode: "CNY", units } });
  }
  await newOpportunity(client, { ownerId });
  const report = () => client.get<SalesReport>(`/v1/reports/sales?ownerId=${ownerId}&currency=CNY`);
  await eventually(report, ({ totals }) =>
    expect(totals).toMatchObject({ openedCount: "4", wonCount: "3", wonValue: { units: "4350" } }),
  );
  const before = await report();
  const list = () => client.get<Projections>("/v1/services/analytics/projections");
  const salesOf = ({ projections = [] }: Projections) => projections.find(({ name }) => name === "sales");
  const projection = salesOf(await list());
  if (projection === undefined) throw new Error("analytics has no projection of sales");

  const mongo = mongoClient(inject("access").below.mongoUrl);
  const db = mongo.db("keynode_analytics");
  for (const { name } of await db.listCollections().toArray()) {
    if (name.startsWith(`${projection.name}_`)) await db.collection(name).deleteMany({});
  }
  await mongo.close();
  // A question that was not asked before, so that no finished answer is at hand.
  const emptied = await client.get<SalesReport>(`/v1/reports/sales?ownerId=${ownerId}&currency=CNY&groupBy=TEAM`);
  expect(emptied.totals.openedCount ?? "0").toBe("0");

  await client.post(`/v1/services/analytics/projections/${projection.name}:rebuild`);
  await eventually(list, (found) =>
    expect(salesOf(found)).toMatchObject({ state: "LIVE", generation: projection.generation + 1 }),
  );
  await eventually(report, (after) => expect(after.totals).toEqual(before.totals));
});
