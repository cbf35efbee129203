import { expect } from "vitest";
import { acceptance } from "./acceptance.ts";
import { api, eventually } from "./api.ts";
import type { Opportunity, Problem, SalesReport } from "./records.ts";
import { newOpportunity, newUser } from "./steps.ts";

const client = api();

acceptance("C-050", "3 deals won and 2 lost in a month are a success rate of 60 %", async () => {
  const ownerId = await newUser(client);
  const closeDate = { year: 2026, month: 5, day: 20 };
  const deals = await Promise.all(Array.from({ length: 5 }, () => newOpportunity(client, { ownerId })));
  for (const [index, { id }] of deals.entries()) {
    if (index < 3) {
      const value = { currencyCode: "CNY", units: "10000" };
      const won = await client.post<Opportunity>(`/v1/opportunities/${id}:win`, {
        reason: "PRODUCT_FIT",
        value,
        closeDate,
      });
      expect(won).toMatchObject({ status: "WON", close: { outcome: "WON", reason: "PRODUCT_FIT", value } });
    } else {
      await client.post(`/v1/opportunities/${id}:lose`, { reason: "PRICE", note: "too dear", closeDate });
    }
  }
  const may = `fromDate.year=2026&fromDate.month=5&fromDate.day=1&untilDate.year=2026&untilDate.month=5&untilDate.day=31`;
  await eventually(
    () => client.get<SalesReport>(`/v1/reports/sales?ownerId=${ownerId}&${may}&currency=CNY`),
    ({ totals }) => {
      expect(totals).toMatchObject({
        wonCount: "3",
        lostCount: "2",
        wonValue: { currencyCode: "CNY", units: "30000" },
      });
      expect(totals.successRate).toBeCloseTo(0.6);
    },
  );
  const [won, lost] = [deals[0], deals[4]];
  const cross = await client.send<Problem>("POST", `/v1/opportunities/${lost?.id}:win`, { body: { reason: "PRICE" } });
  expect([cross.status, cross.body.code]).toEqual([409, "OPPORTUNITY_CLOSED"]);
  expect(
    (await client.send<Problem>("POST", `/v1/opportunities/${won?.id}:lose`, { body: { reason: "PRICE" } })).body.code,
  ).toBe("OPPORTUNITY_CLOSED");
});
