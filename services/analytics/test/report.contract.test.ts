import { newId } from "@keynode/aggregate/type-id";
import type { Principal } from "@keynode/auth/principal";
import type { SalesReportRow } from "@keynode/contracts/crm/analytics/v1/report";
import {
  GetFunnelReportRequest,
  GetSalesReportRequest,
  ReportServiceService,
} from "@keynode/contracts/crm/analytics/v1/report_service";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { analyticsService } from "../src/service.ts";
import { closed, day, type Facts, newFacts, usd } from "./facts.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startForTest(analyticsService);
});

const sales = (facts: Facts, request: Partial<GetSalesReportRequest> = {}, principal: Partial<Principal> = {}) =>
  under
    .client(ReportServiceService, { tenant: facts.tenant, ...principal })
    .getSalesReport(GetSalesReportRequest.fromPartial(request));

const funnel = async (
  facts: Facts,
  subject: string,
  request: Partial<GetFunnelReportRequest> = {},
  principal: Partial<Principal> = {},
) => {
  const { funnels } = await under
    .client(ReportServiceService, { tenant: facts.tenant, ...principal })
    .getFunnelReport(GetFunnelReportRequest.fromPartial(request));
  return funnels.find((each) => each.subject === subject)?.steps;
};

const figures = ({ key, openedCount, openCount, wonCount, lostCount, wonValue }: SalesReportRow) => ({
  key,
  opened: Number(openedCount),
  open: Number(openCount),
  won: Number(wonCount),
  lost: Number(lostCount),
  value: Number(wonValue?.units),
});

const reason = async (call: Promise<unknown>) => {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  return (thrown as { details?: { reason?: string } } | undefined)?.details?.reason;
};

describe("the sales report (C-121)", () => {
  it("adds up the wins of a month: three of 10,000 are 30,000", async () => {
    const facts = newFacts();
    const may = ["2017-05-01", "2017-05-20", "2017-05-31"].map((on) =>
      facts.dealOpened({ engageDate: day("2017-04-01"), ...closed("WON", on, usd(10_000n)) }),
    );
    const around = [
      closed("WON", "2017-04-30", usd(7n)),
      closed("LOST", "2017-05-15"),
      closed("WON", "2017-06-01"),
    ].map((deal) => facts.dealOpened({ engageDate: day("2017-05-02"), ...deal }));
    await under.publish(facts.tenantCreated({}), ...may, ...around);
    const { totals, rows, complete, asOf } = await sales(facts, {
      fromDate: day("2017-05-01"),
      untilDate: day("2017-05-31"),
    });
    expect(totals).toMatchObject({
      openedCount: 3n,
      openCount: 0n,
      wonCount: 3n,
      lostCount: 1n,
      wonValue: usd(30_000n),
      successRate: 0.75,
    });
    expect(totals?.averageCycleDays).toBeCloseTo((30 + 49 + 60) / 3);
    expect(rows).toEqual([totals]);
    expect(complete).toBe(true);
    expect(asOf).toBeInstanceOf(Date);
  });

  it("groups by owner, team, region, sector, product and month, under the names people know", async () => {
    const facts = newFacts();
    const [owner, team, product, other, account] = [
      facts.userCreated({ name: "Moses Frase" }),
      facts.teamCreated({ name: "Central sales", region: "Central" }),
      facts.productCreated({ name: "GTX Pro" }),
      facts.productCreated({ name: "MG Special" }),
      facts.accountCreated({ name: "Acme", sector: "technology" }),
    ];
    const both = {
      ownerId: owner.recordId,
      teamId: team.recordId,
      accountId: account.recordId,
      productIds: [product.recordId, other.recordId, product.recordId],
      engageDate: day("2017-01-15"),
    };
    await under.publish(
      facts.tenantCreated({}),
      owner,
      team,
      product,
      other,
      account,
      facts.dealOpened({ ...both, ...closed("WON", "2017-03-01", usd(100n)) }),
      facts.dealOpened({ engageDate: day("2017-03-03"), stageKey: "engaging" }),
    );
    const won = { opened: 1, open: 0, won: 1, lost: 0, value: 100 };
    const open = { opened: 1, open: 1, won: 0, lost: 0, value: 0 };
    const by = async (groupBy: GetSalesReportRequest["groupBy"]) => {
      const { rows, totals } = await sales(facts, { groupBy });
      expect(totals).toMatchObject({ openedCount: 2n, wonCount: 1n, wonValue: usd(100n) });
      return rows;
    };
    const rows = await by("OWNER");
    expect(rows.map(figures)).toEqual([
      { key: "", ...open },
      { key: owner.recordId, ...won },
    ]);
    expect(rows.map(({ label }) => label)).toEqual(["", "Moses Frase"]);
    expect(rows[0]?.stages).toEqual([{ stageKey: "engaging", count: 1n }]);
    expect((await by("TEAM"))[1]?.label).toBe("Central sales");
    expect((await by("REGION")).map(figures)).toEqual([
      { key: "", ...open },
      { key: "Central", ...won },
    ]);
    expect((await by("SECTOR")).map(figures)).toEqual([
      { key: "", ...open },
      { key: "technology", ...won },
    ]);
    const products = await by("PRODUCT");
    expect(products.map(({ label }) => label).toSorted()).toEqual(["", "GTX Pro", "MG Special"]);
    expect(products.slice(1).map(({ wonCount }) => wonCount)).toEqual([1n, 1n]);
    expect((await by("MONTH")).map(figures)).toEqual([
      { key: "2017-01", opened: 1, open: 0, won: 0, lost: 0, value: 0 },
      { key: "2017-03", opened: 1, open: 1, won: 1, lost: 0, value: 100 },
    ]);
  });

  it("narrows by owner, team, region, product and sector", async () => {
    const facts = newFacts();
    const [team, account] = [facts.teamCreated({ region: "East" }), facts.accountCreated({ sector: "medical" })];
    const [ownerId, productId] = [newId("user"), newId("product")];
    const deal = { ownerId, teamId: team.recordId, accountId: account.recordId, productIds: [productId] };
    await under.publish(facts.tenantCreated({}), team, account, facts.dealOpened(deal), facts.dealOpened({}));
    for (const wanted of [
      { ownerId },
      { teamId: team.recordId },
      { region: "East" },
      { productId },
      { sector: "medical" },
    ])
      expect((await sales(facts, wanted)).totals, JSON.stringify(wanted)).toMatchObject({ openedCount: 1n });
    expect((await sales(facts, { region: "East", sector: "retail" })).totals).toMatchObject({ openedCount: 0n });
    expect((await sales(facts)).totals).toMatchObject({ openedCount: 2n });
  });

  it("opens a deal on its engage day, else on the tenant's day of its creation; one of another system without a day never", async () => {
    const facts = newFacts();
    const late = new Date("2017-03-31T17:30:00Z");
    await under.publish(
      facts.tenantCreated({ timeZone: "Asia/Shanghai" }),
      facts.dealOpened({ createTime: late, ...closed("WON", "2017-04-04") }),
      facts.dealImported({ createTime: late, imported: true }),
      facts.dealImported({ createTime: late, imported: true, engageDate: day("2016-12-31") }),
    );
    const april = await sales(facts, { fromDate: day("2017-04-01"), untilDate: day("2017-04-30") });
    expect(april.totals).toMatchObject({ openedCount: 1n, wonCount: 1n, averageCycleDays: 3 });
    const march = await sales(facts, { fromDate: day("2017-03-01"), untilDate: day("2017-03-31") });
    expect(march.totals).toMatchObject({ openedCount: 0n });
    const { rows } = await sales(facts, { groupBy: "MONTH" });
    expect(rows.map(({ key, openedCount }) => [key, openedCount])).toEqual([
      ["", 1n],
      ["2016-12", 1n],
      ["2017-04", 1n],
    ]);
  });

  it("adds values of one currency exactly and counts the deals of others", async () => {
    const facts = newFacts();
    await under.publish(
      facts.tenantCreated({ currency: "CNY" }),
      facts.dealOpened(closed("WON", "2017-03-01", usd(9_007_199_254_740_993n, 999_999_999))),
      facts.dealOpened(closed("WON", "2017-03-01", usd(1n, 2))),
      facts.dealOpened(closed("WON", "2017-03-01", { currencyCode: "CNY", units: 5n, nanos: 0 })),
    );
    expect((await sales(facts, { currency: "USD" })).totals).toMatchObject({
      wonValue: usd(9_007_199_254_740_995n, 1),
      wonCount: 3n,
      otherCurrencyCount: 1n,
    });
    expect((await sales(facts)).totals).toMatchObject({
      wonValue: { currencyCode: "CNY", units: 5n, nanos: 0 },
      otherCurrencyCount: 2n,
    });
  });

  it("refuses a sum that no amount can hold rather than showing a wrong one", async () => {
    const facts = newFacts();
    const huge = () => facts.dealOpened(closed("WON", "2017-03-01", usd(9_000_000_000_000_000_000n)));
    await under.publish(facts.tenantCreated({}), huge(), huge());
    expect(await reason(sales(facts))).toBe("AMOUNT_OUT_OF_RANGE");
  });

  it("counts a deal as it is now: edited, deleted, restored", async () => {
    const facts = newFacts();
    const id = newId("opportunity");
    const opened = async () => (await sales(facts)).totals?.openedCount;
    await under.publish(facts.tenantCreated({}), facts.dealOpened({ id }));
    expect(await opened()).toBe(1n);
    await under.publish(facts.dealDeleted({ id, deleteTime: new Date() }, 2));
    expect(await opened()).toBe(0n);
    await under.publish(facts.dealRestored({ id, ...closed("WON", "2017-03-01", usd(3n)) }, 3));
    expect((await sales(facts)).totals).toMatchObject({ openedCount: 1n, wonValue: usd(3n) });
  });

  it("counts only what the caller may see, and nothing of another tenant", async () => {
    const [facts, others] = [newFacts(), newFacts()];
    const [actor, team] = [newId("user"), newId("team")];
    await under.publish(
      facts.dealOpened({ ownerId: actor }),
      facts.dealOpened({ ownerId: newId("user"), teamId: team }),
      facts.dealOpened({}),
      facts.leadCaptured({ ownerId: actor }),
      facts.leadCaptured({}),
      others.dealOpened({ ownerId: actor, teamId: team }),
    );
    const opened = async (scope: "own" | "team" | "all", policyVersion: number) => {
      const principal = { actor, teams: [team], grants: { "reports.read": scope }, policyVersion };
      const leads = await funnel(facts, "LEADS", {}, principal);
      return [(await sales(facts, {}, principal)).totals?.openedCount, leads?.[0]?.count];
    };
    expect(await opened("own", 1)).toEqual([1n, 1n]);
    expect(await opened("team", 2)).toEqual([2n, 1n]);
    expect(await opened("all", 3)).toEqual([3n, 2n]);
    expect(await reason(sales(facts, {}, { actor, grants: {}, policyVersion: 4 }))).toBe("PERMISSION_DENIED");
  });

  it("is answered from memory until a fact of the tenant changes, and from the new facts at once then", async () => {
    const facts = newFacts();
    await under.publish(facts.tenantCreated({}), facts.dealOpened({}));
    expect((await sales(facts)).totals?.openedCount).toBe(1n);
    // A change that no event brought leaves the revision as it is: the answer shows whether the rows were read.
    const [deals] = await under.db.listCollections({ name: /^sales_deals_g/ }).toArray();
    await under.db.collection(deals?.name ?? "").deleteMany({ tenant: facts.tenant });
    expect((await sales(facts)).totals?.openedCount).toBe(1n);
    await under.publish(facts.dealOpened({}));
    expect((await sales(facts)).totals?.openedCount).toBe(1n);
    await under.publish(facts.dealOpened({}), facts.dealOpened({}));
    await vi.waitFor(async () => expect((await sales(facts)).totals?.openedCount).toBe(3n));
  });
});

describe("the funnel report (C-124)", () => {
  it("says how many of the customers came how far: 100, 40, 10 are 40 % and 25 %", async () => {
    const facts = newFacts();
    const at = (iso: string) => new Date(`${iso}T00:00:00Z`);
    const intent = { from: "POTENTIAL" as const, to: "INTENT" as const, time: at("2017-01-03"), causedBy: "" };
    const customers = Array.from({ length: 100 }, (_customer, index) =>
      facts.accountCreated({
        createTime: at("2017-01-01"),
        stage: index < 10 ? "CLOSED_WON" : index < 40 ? "INTENT" : "POTENTIAL",
        stageChanges: index < 40 ? [intent] : [],
        convertTime: index < 10 ? at("2017-01-08") : undefined,
      }),
    );
    await under.publish(...customers);
    expect(await funnel(facts, "CUSTOMERS")).toEqual([
      { key: "potential", count: 100n, conversionRate: 1, averageDays: 0 },
      { key: "intent", count: 40n, conversionRate: 0.4, averageDays: 2 },
      { key: "closed_won", count: 10n, conversionRate: 0.25, averageDays: 5 },
    ]);
  });

  it("counts a lead as a customer until it is one, and remembers that it was qualified when it is given up", async () => {
    const facts = newFacts();
    const at = (hours: number) => new Date(Date.UTC(2017, 0, 1, hours));
    const lead = { id: newId("lead"), createTime: at(0), inquiryCount: 1, firstInquiryTime: at(12) };
    const qualification = { reason: "REASON_UNSPECIFIED" as const, note: "", decideTime: at(36), decidedBy: "" };
    const conversion = { accountId: newId("account"), contactId: "", opportunityId: "", state: "COMPLETE" as const };
    await under.publish(
      facts.leadCaptured({ createTime: at(0) }),
      facts.leadDisqualified({ ...lead, status: "DISQUALIFIED", stage: "INTENT" }, 3),
      facts.leadQualified({ ...lead, status: "QUALIFIED", qualification }, 2, { qualification }),
      facts.leadConverted({
        createTime: at(0),
        status: "CONVERTED",
        conversion: { ...conversion, requestTime: at(1) },
      }),
      facts.accountCreated({ id: conversion.accountId, createTime: at(1), stage: "INTENT" }),
    );
    expect(await funnel(facts, "LEADS")).toEqual([
      { key: "captured", count: 3n, conversionRate: 1, averageDays: 0 },
      { key: "contacted", count: 2n, conversionRate: 2 / 3, averageDays: 0.5 },
      { key: "qualified", count: 2n, conversionRate: 1, averageDays: 1 },
      { key: "converted", count: 1n, conversionRate: 0.5, averageDays: 0 },
    ]);
    expect((await funnel(facts, "CUSTOMERS"))?.map(({ count }) => count)).toEqual([3n, 2n, 0n]);
  });

  it("takes deals through the stages of their pipeline, skipped ones too, then the win", async () => {
    const facts = newFacts();
    const pipeline = facts.pipelineCreated({
      default: true,
      stages: ["prospecting", "engaging", "proposal"].map((key) => ({ key, nameEn: key, nameZh: key, probability: 0 })),
    });
    const pipelineId = pipeline.recordId;
    const at = (dayOfMonth: number) => new Date(Date.UTC(2017, 0, dayOfMonth));
    const moved = (toKey: string, dayOfMonth: number) => ({ fromKey: "", toKey, time: at(dayOfMonth), movedBy: "" });
    const win = closed("WON", "2017-01-09", usd(1n));
    await under.publish(
      pipeline,
      facts.dealOpened({ pipelineId, createTime: at(1), stageHistory: [moved("prospecting", 1)] }),
      facts.dealOpened({
        pipelineId,
        createTime: at(1),
        stageKey: "proposal",
        stageHistory: [moved("prospecting", 1), moved("proposal", 5)],
        ...win,
        ...(win.close && { close: { ...win.close, closeTime: at(9) } }),
      }),
      facts.dealOpened({
        pipelineId,
        createTime: at(1),
        stageKey: "prospecting",
        stageHistory: [moved("prospecting", 1), moved("engaging", 3), moved("prospecting", 4)],
      }),
      facts.dealOpened({ pipelineId: newId("pipeline"), createTime: at(1) }),
    );
    const steps = [
      { key: "prospecting", count: 3n, conversionRate: 1, averageDays: 0 },
      { key: "engaging", count: 2n, conversionRate: 2 / 3, averageDays: 2 },
      { key: "proposal", count: 1n, conversionRate: 0.5, averageDays: 0 },
      { key: "won", count: 1n, conversionRate: 1, averageDays: 4 },
    ];
    expect(await funnel(facts, "OPPORTUNITIES")).toEqual(steps);
    expect(await funnel(facts, "OPPORTUNITIES", { pipelineId, fromDate: day("2017-01-01") })).toEqual(steps);
    const later = await funnel(facts, "OPPORTUNITIES", { fromDate: day("2017-01-02") });
    expect(later?.map(({ count }) => count)).toEqual([0n, 0n, 0n, 0n]);
    expect(await reason(funnel(facts, "OPPORTUNITIES", { pipelineId: newId("pipeline") }))).toBe("NOT_FOUND");
  });
});
