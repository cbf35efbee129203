import type { SalesReportRow } from "@keynode/contracts/crm/analytics/v1/report";
import {
  GetFunnelReportRequest,
  GetSalesReportRequest,
  ReportServiceService,
} from "@keynode/contracts/crm/analytics/v1/report_service";
import { ProjectionServiceService } from "@keynode/contracts/crm/chassis/v1/projection_service";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, expect, it, vi } from "vitest";
import { analyticsService } from "../src/service.ts";
import { type ExampleDeal, exampleDeals } from "./dataset.ts";
import { closed, day, factsOf, newFacts, usd } from "./facts.ts";
import { serveJournals } from "./journals.ts";

let under: ServiceUnderTest;
let journals: Awaited<ReturnType<typeof serveJournals>>;

const facts = newFacts();
const { events, deals } = exampleDeals(facts, 300);

beforeAll(async () => {
  journals = await serveJournals(["opportunity", "lead", "account", "contract", "identity"]);
  under = await startForTest(analyticsService, { UPSTREAMS: journals.upstreams });
  await journals.record(...events);
  await under.publish(...events);
});

const groupings = ["NONE", "OWNER", "TEAM", "REGION", "PRODUCT", "MONTH", "SECTOR"] as const;

const reporting = (tenant: string) => {
  const reports = under.client(ReportServiceService, { tenant });
  const sales = (request: Partial<GetSalesReportRequest>) =>
    reports.getSalesReport(GetSalesReportRequest.fromPartial(request));
  return {
    sales,
    /** Every figure there is. */
    all: async () => ({
      sales: await Promise.all(
        groupings.map(async (groupBy) => {
          const { rows, totals } = await sales({ groupBy });
          return { rows, totals };
        }),
      ),
      funnels: (await reports.getFunnelReport(GetFunnelReportRequest.fromPartial({}))).funnels,
    }),
  };
};

/** What the files say, reckoned apart: opened and open deals, won and lost ones, and the value of the won. */
const reckoned = (deals: readonly ExampleDeal[]) => ({
  opened: BigInt(deals.length),
  open: BigInt(deals.filter(({ stage }) => stage === "Engaging" || stage === "Prospecting").length),
  won: BigInt(deals.filter(({ stage }) => stage === "Won").length),
  lost: BigInt(deals.filter(({ stage }) => stage === "Lost").length),
  value: deals.reduce((sum, { stage, value }) => (stage === "Won" ? sum + value : sum), 0n),
});

const reported = ({ openedCount, openCount, wonCount, lostCount, wonValue }: SalesReportRow) => ({
  opened: openedCount,
  open: openCount,
  won: wonCount,
  lost: lostCount,
  value: wonValue?.units,
});

it("real deals give the figures that their files give, by owner, product, region and sector", async () => {
  const { sales } = reporting(facts.tenant);

  const expected = (by: keyof ExampleDeal) =>
    Object.fromEntries(
      Map.groupBy(deals, (deal) => String(deal[by]))
        .entries()
        .map(([key, group]) => [key, reckoned(group)]),
    );
  const answered = async (groupBy: (typeof groupings)[number]) =>
    Object.fromEntries((await sales({ groupBy })).rows.map((row) => [row.label, reported(row)]));
  expect(await answered("OWNER")).toEqual(expected("agent"));
  expect(await answered("PRODUCT")).toEqual(expected("product"));
  expect(await answered("REGION")).toEqual(expected("region"));
  expect(await answered("SECTOR")).toEqual(expected("sector"));

  const { totals } = await sales({});
  expect(totals && reported(totals)).toEqual(reckoned(deals));
  const won = deals.filter(({ stage }) => stage === "Won");
  const days = won.reduce((sum, deal) => sum + (Date.parse(deal.closed) - Date.parse(deal.engaged)) / 86_400_000, 0);
  expect(totals?.averageCycleDays).toBeCloseTo(days / won.length);
});

it("real deals of a period are those that were opened or closed in it, by month", async () => {
  const { rows } = await reporting(facts.tenant).sales({
    groupBy: "MONTH",
    fromDate: day("2016-11-01"),
    untilDate: day("2017-03-15"),
  });
  const within = (date: string) => date >= "2016-11-01" && date <= "2017-03-15";
  const months = new Map<string, { opened: bigint; won: bigint; value: bigint }>();
  const of = (date: string) => {
    const month = months.get(date.slice(0, 7)) ?? { opened: 0n, won: 0n, value: 0n };
    months.set(date.slice(0, 7), month);
    return month;
  };
  for (const deal of deals) {
    if (within(deal.engaged)) of(deal.engaged).opened += 1n;
    if (!within(deal.closed)) continue;
    const month = of(deal.closed);
    if (deal.stage !== "Won") continue;
    month.won += 1n;
    month.value += deal.value;
  }
  expect(
    Object.fromEntries(
      rows.map(({ key, openedCount, wonCount, wonValue }) => [
        key,
        { opened: openedCount, won: wonCount, value: wonValue?.units },
      ]),
    ),
  ).toEqual(Object.fromEntries(months));
});

it("figures that were dropped are rebuilt from the journals to the same, while deals go on (C-120)", {
  timeout: 60_000,
}, async () => {
  const { all, sales } = reporting(facts.tenant);
  const before = await all();
  expect((await sales({})).complete).toBe(true);

  const others = factsOf(newFacts().tenant);
  const beside = Array.from({ length: 60 }, () => others.dealOpened(closed("WON", "2017-03-01", usd(10n))));
  const stores = await under.db.listCollections({ name: /^sales_/ }).toArray();
  for (const { name } of stores) await under.db.collection(name).deleteMany({});

  const projections = under.client(ProjectionServiceService);
  const status = async () =>
    (await projections.listProjections({ service: "analytics" })).projections.find(({ name }) => name === "sales");
  await projections.rebuildProjection({ service: "analytics", name: "sales" });
  while (beside.length > 0) {
    const some = beside.splice(0, 6);
    await journals.record(...some);
    await under.publish(...some);
  }
  await vi.waitFor(async () => expect(await status()).toMatchObject({ generation: 2, state: "LIVE" }), {
    timeout: 40_000,
    interval: 100,
  });
  expect(await all()).toEqual(before);
  expect((await reporting(others.tenant).sales({ currency: "USD" })).totals).toMatchObject({
    wonCount: 60n,
    wonValue: usd(600n),
  });
  await vi.waitFor(async () => expect((await sales({})).complete).toBe(true), { timeout: 10_000 });
});

it("a report is not called complete while its figures are being rebuilt", { timeout: 60_000 }, async () => {
  const { sales } = reporting(newFacts().tenant);
  await vi.waitFor(async () => expect((await sales({})).complete).toBe(true), { timeout: 10_000 });
  const projections = under.client(ProjectionServiceService);
  const { generation } = await projections.rebuildProjection({ service: "analytics", name: "sales" });
  await vi.waitFor(async () => expect((await sales({})).complete).toBe(false), { interval: 5 });
  await vi.waitFor(
    async () => {
      const { projections: listed } = await projections.listProjections({ service: "analytics" });
      expect(listed.find(({ name }) => name === "sales")).toMatchObject({ generation: generation + 1, state: "LIVE" });
    },
    { timeout: 40_000, interval: 100 },
  );
  await vi.waitFor(async () => expect((await sales({})).complete).toBe(true), { timeout: 10_000 });
});
