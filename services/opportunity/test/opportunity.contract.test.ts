import { newId } from "@keynode/aggregate/type-id";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import {
  ImportOpportunityRequest,
  ListOpportunitiesRequest,
  OpportunityServiceService,
  WinOpportunityRequest,
} from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { ListPipelinesRequest, PipelineServiceService } from "@keynode/contracts/crm/opportunity/v1/pipeline_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { refusal } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { opportunityService } from "../src/service.ts";
import { foreign } from "./foreign.ts";

let under: ServiceUnderTest;
let deals: GrpcClient<typeof OpportunityServiceService>;
let pipelines: GrpcClient<typeof PipelineServiceService>;
let accountId: string;

beforeAll(async () => {
  under = await startForTest(opportunityService);
  deals = under.client(OpportunityServiceService);
  pipelines = under.client(PipelineServiceService);
  const account = foreign(under).accountCreated();
  await under.publish(account);
  accountId = account.recordId;
});

const usd = (units: bigint) => ({ currencyCode: "USD", units, nanos: 0 });
const open = (partial: Partial<Opportunity> = {}, client = deals) =>
  client.createOpportunity({ opportunity: Opportunity.fromPartial({ name: "Acme printers", accountId, ...partial }) });
const advance = (id: string, stageKey: string) => deals.advanceStage({ id, etag: "", stageKey });
const win = (id: string, more: Partial<WinOpportunityRequest> = {}) =>
  deals.winOpportunity(WinOpportunityRequest.fromPartial({ id, reason: "PRICE", ...more }));
const listed = async (filter: string, more: Partial<ListOpportunitiesRequest> = {}) =>
  (await deals.listOpportunities(ListOpportunitiesRequest.fromPartial({ filter, pageSize: 1000, ...more })))
    .opportunities;
describe("a new deal (C-047, C-048)", () => {
  it("enters the tenant's default pipeline, which needs no setup, and is read back as it was answered", async () => {
    const deal = await open({
      amount: usd(300n),
      basis: { kind: "MARKET_TREND", detail: "e-invoicing" },
      expectedCloseDate: { year: 2026, month: 9, day: 1 },
    });
    expect(deal).toMatchObject({ status: "OPEN", stageKey: "prospecting", ownerId: under.admin.actor, etag: "1" });
    expect(await deals.getOpportunity({ id: deal.id })).toEqual(deal);
    expect(await pipelines.getPipeline({ id: deal.pipelineId })).toMatchObject({ default: true });
  });
  it("of many at once makes one default pipeline", async () => {
    const elsewhere = { tenant: newId("tenant") };
    const client = under.client(OpportunityServiceService, elsewhere);
    const made = await Promise.all(Array.from({ length: 8 }, () => open({ accountId: "" }, client)));
    expect(new Set(made.map(({ pipelineId }) => pipelineId)).size).toBe(1);
    const all = await under
      .client(PipelineServiceService, elsewhere)
      .listPipelines(ListPipelinesRequest.fromPartial({ filter: "default = true" }));
    expect(all.pipelines).toHaveLength(1);
  });
  it("cannot bring its own outcome, history or contract", async () => {
    const deal = await open({ status: "WON", contractId: "contract_x", imported: true, stageHistory: [] });
    expect(deal).toMatchObject({ status: "OPEN", contractId: "", imported: false });
    expect(deal.stageHistory).toHaveLength(1);
  });
  it("is refused for an account that is not there, was deleted, or is another tenant's", async () => {
    const missing = newId("account");
    const account = foreign(under).accountCreated();
    await under.publish(account, foreign(under).accountDeleted(account.recordId));
    const stranger = under.client(OpportunityServiceService, { tenant: newId("tenant") });
    const refusals = [open({ accountId: missing }), open({ accountId: account.recordId }), open({}, stranger)].map(
      refusal,
    );
    expect(await Promise.all(refusals)).toMatchObject([
      { code: "FAILED_PRECONDITION", reason: "ACCOUNT_NOT_FOUND", metadata: { accountId: missing } },
      { reason: "ACCOUNT_NOT_FOUND" },
      { reason: "ACCOUNT_NOT_FOUND" },
    ]);
  });
  it("waits for an account that was made a moment ago", async () => {
    const account = foreign(under).accountCreated();
    const [deal] = await Promise.all([open({ accountId: account.recordId }), under.publish(account)]);
    expect(deal.accountId).toBe(account.recordId);
  });
  it("is refused without a name, below zero, and in a stage that is not the first", async () => {
    expect((await refusal(open({ name: "" }))).fields).toEqual(["opportunity.name"]);
    expect((await refusal(open({ amount: usd(-1n) }))).fields).toEqual(["opportunity.amount"]);
    expect(await refusal(open({ stageKey: "proposal" }))).toMatchObject({
      reason: "STAGE_SKIPPED",
      metadata: { allowed: "prospecting" },
    });
    expect((await refusal(open({ pipelineId: newId("pipeline") }))).reason).toBe("PIPELINE_NOT_FOUND");
  });
  it("is refused when another deal has its external key, naming that deal to those who may see it", async () => {
    const externalKey = newId("key");
    const first = await open({ externalKey });
    expect(await refusal(open({ externalKey }))).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "OPPORTUNITY_EXISTS",
      metadata: { opportunityId: first.id },
    });
    const grants = { "opportunities.*": "own", "accounts.read": "all" } as const;
    const zhao = { actor: newId("user"), grants };
    const unseen = await refusal(open({ externalKey }, under.client(OpportunityServiceService, zhao)));
    expect(unseen).toMatchObject({ reason: "OPPORTUNITY_EXISTS", metadata: {} });
  });
  it("may take the external key of a deleted one, which then cannot come back", async () => {
    const externalKey = newId("key");
    const first = await open({ externalKey });
    await deals.deleteOpportunity({ id: first.id, etag: "" });
    await open({ externalKey });
    const undelete = deals.undeleteOpportunity({ id: first.id, etag: "" });
    expect((await refusal(undelete)).reason).toBe("OPPORTUNITY_EXISTS");
  });
});

describe("a pipeline of one's own (C-048)", () => {
  const stage = (key: string) => ({ key, nameEn: key, nameZh: key, probability: 0 });
  const create = (partial: Partial<Pipeline>) =>
    pipelines.createPipeline({ pipeline: Pipeline.fromPartial({ name: "Tenders", ...partial }) });
  it("is passed by the deals that name it, and its moves are the legal ones", async () => {
    const pipeline = await create({
      stages: ["notice", "bid", "award"].map(stage),
      allowedMoves: [{ fromKey: "notice", toKey: "award" }],
    });
    const { id } = await open({ pipelineId: pipeline.id });
    expect((await advance(id, "award")).stageKey).toBe("award");
    expect(await refusal(advance(id, "notice"))).toMatchObject({ reason: "STAGE_SKIPPED", metadata: { allowed: "" } });
  });
  it("is refused naming every stage that repeats a key", async () => {
    expect(await refusal(create({ stages: [stage("bid"), stage("bid")] }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "PIPELINE_STAGES_INVALID",
      fields: ["pipeline.stages[1].key"],
    });
  });
  it("that is deleted takes no new deal, and its old ones go on", async () => {
    const pipeline = await create({ stages: ["notice", "bid"].map(stage) });
    const { id } = await open({ pipelineId: pipeline.id });
    await pipelines.deletePipeline({ id: pipeline.id, etag: "" });
    expect((await refusal(open({ pipelineId: pipeline.id }))).reason).toBe("PIPELINE_NOT_FOUND");
    expect((await advance(id, "bid")).stageKey).toBe("bid");
  });
  it("marked as the default is what deals enter; the oldest, if several are", async () => {
    const elsewhere = { tenant: newId("tenant") };
    const own = under.client(PipelineServiceService, elsewhere);
    const marked = { stages: [stage("lone")], default: true };
    const first = await own.createPipeline({ pipeline: Pipeline.fromPartial({ name: "First", ...marked }) });
    await own.createPipeline({ pipeline: Pipeline.fromPartial({ name: "Second", ...marked }) });
    const deal = await open({ accountId: "" }, under.client(OpportunityServiceService, elsewhere));
    expect(deal).toMatchObject({ pipelineId: first.id, stageKey: "lone" });
    expect((await refusal(own.deletePipeline({ id: first.id, etag: "" }))).reason).toBe("PIPELINE_DEFAULT");
  });
});

describe("a move (C-048)", () => {
  it("goes one step forward or back, and the history tells who moved it", async () => {
    const { id } = await open();
    await advance(id, "engaging");
    await advance(id, "prospecting");
    const deal = await advance(id, "engaging");
    expect(deal.stageHistory.map(({ toKey }) => toKey)).toEqual(["prospecting", "engaging", "prospecting", "engaging"]);
    expect(deal.stageHistory.at(-1)?.movedBy).toBe(under.admin.actor);
  });
  it("that skips a stage is refused, naming the legal ones", async () => {
    const { id } = await open();
    expect(await refusal(advance(id, "negotiation"))).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "STAGE_SKIPPED",
      metadata: { from: "prospecting", to: "negotiation", allowed: "engaging" },
    });
  });
  it("under an etag that has passed is refused", async () => {
    const { id } = await open();
    await advance(id, "engaging");
    expect((await refusal(deals.advanceStage({ id, etag: "1", stageKey: "proposal" }))).reason).toBe("ETAG_MISMATCH");
  });
  it("repeated under one key is one move", async () => {
    const { id } = await open();
    const request = { id, etag: "", stageKey: "engaging" };
    const first = await deals.advanceStage(request, { idempotencyKey: "move-1" });
    await advance(id, "proposal");
    expect(await deals.advanceStage(request, { idempotencyKey: "move-1" })).toEqual(first);
    expect((await deals.getOpportunity({ id })).stageKey).toBe("proposal");
  });
});

describe("a close (C-050)", () => {
  it("keeps outcome, reason, value and day, and who recorded it", async () => {
    const { id } = await open({ amount: usd(300n) });
    const deal = await win(id, { closeDate: { year: 2026, month: 5, day: 3 }, note: "cheaper" });
    expect(deal.close).toMatchObject({
      outcome: "WON",
      reason: "PRICE",
      note: "cheaper",
      value: usd(300n),
      closeDate: { year: 2026, month: 5, day: 3 },
      closedBy: under.admin.actor,
    });
    const later = await listed('status = WON AND closeDate >= "2026-05-01"', { orderBy: "closeDate desc" });
    expect(later.map((each) => each.id)).toContain(id);
  });
  it("is final until the deal is reopened", async () => {
    const { id } = await open();
    await deals.loseOpportunity({ id, etag: "", reason: "NO_BUDGET", note: "" });
    expect(await refusal(win(id))).toMatchObject({ reason: "OPPORTUNITY_CLOSED", metadata: { status: "LOST" } });
    await deals.reopenOpportunity({ id, etag: "", note: "" });
    expect((await win(id)).status).toBe("WON");
  });
  it("needs its own permission", async () => {
    const { id } = await open();
    const grants = { "opportunities.*": "all" as const };
    const reading = { actor: newId("user"), grants: { "opportunities.read": "all" as const } };
    const clerk = under.client(OpportunityServiceService, reading);
    const request = WinOpportunityRequest.fromPartial({ id, reason: "PRICE" });
    expect((await refusal(clerk.winOpportunity(request))).code).toBe("PERMISSION_DENIED");
    const seller = under.client(OpportunityServiceService, { actor: newId("user"), grants });
    expect((await seller.winOpportunity(request)).status).toBe("WON");
  });
  it("of another tenant's deal is a deal that is not there", async () => {
    const { id } = await open();
    const stranger = under.client(OpportunityServiceService, { tenant: newId("tenant") });
    const request = WinOpportunityRequest.fromPartial({ id, reason: "PRICE" });
    expect((await refusal(stranger.winOpportunity(request))).code).toBe("NOT_FOUND");
    expect((await deals.getOpportunity({ id })).status).toBe("OPEN");
  });
});

describe("an import", () => {
  const closeDate = { year: 2017, month: 3, day: 1 };
  const request = (partial: Partial<Opportunity>, close?: Partial<NonNullable<ImportOpportunityRequest["close"]>>) =>
    ImportOpportunityRequest.fromPartial({
      opportunity: { name: "GTX Pro", accountId, ...partial },
      ...(close && { close: { outcome: "WON", closeDate, ...close } }),
    });
  it("keeps outcome and business dates apart from when it was recorded, and is one event", async () => {
    const before = Date.now();
    const { results } = await deals.importOpportunities({
      requests: [
        request({ stageKey: "engaging", engageDate: { year: 2016, month: 10, day: 20 } }, { value: usd(1_054n) }),
        request({ stageKey: "engaging" }, { outcome: "LOST", value: usd(0n) }),
        request({ stageKey: "negotiation", accountId: "" }),
      ],
    });
    const [won, lost, running] = results.map(({ opportunity }) => opportunity);
    expect(won).toMatchObject({ status: "WON", imported: true, close: { closeDate, value: usd(1_054n) } });
    expect(won?.createTime?.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    expect(lost).toMatchObject({ status: "LOST", close: { value: usd(0n) } });
    expect(running).toMatchObject({ status: "OPEN", stageKey: "negotiation", accountId: "" });
    expect((await under.recorded(won?.id ?? "")).map(({ type }) => type)).toEqual(["OpportunityImported"]);
  });
  it("refuses single deals, naming the one that has the external key, and takes the others", async () => {
    const externalKey = newId("key");
    const taken = await open({ externalKey });
    const { results } = await deals.importOpportunities({
      requests: [
        request({ externalKey }),
        request({ name: "" }),
        request({ accountId: "no id" }),
        request({ stageKey: "bidding" }),
        request({}, { closeDate: { year: 2017, month: 2, day: 30 } }),
        { ...request({}), close: { outcome: "WON", reason: "PRICE", note: "", closedBy: "" } },
        request({ name: "fine" }),
      ],
    });
    expect(results.map(({ opportunity, status }) => opportunity?.name ?? status?.code)).toEqual([
      6,
      3,
      3,
      9,
      3,
      3,
      "fine",
    ]);
    expect(results[0]?.status?.message).toContain("external key");
    expect((await listed(`externalKey = "${externalKey}"`)).map(({ id }) => id)).toEqual([taken.id]);
  });
  it("done twice loads nothing twice, with or without its key", async () => {
    const keys = [newId("key"), newId("key")];
    const requests = keys.map((externalKey) => request({ externalKey }, {}));
    const first = await deals.importOpportunities({ requests }, { idempotencyKey: "load-1" });
    expect(await deals.importOpportunities({ requests }, { idempotencyKey: "load-1" })).toEqual(first);
    const again = await deals.importOpportunities({ requests });
    expect(again.results.map(({ status }) => status?.code)).toEqual([6, 6]);
  });
  it("of a thousand deals for one unknown account waits for it once", async () => {
    const missing = newId("account");
    const requests = Array.from({ length: 1_000 }, () => request({ accountId: missing }));
    const { results } = await deals.importOpportunities({ requests });
    expect(new Set(results.map(({ status }) => status?.code))).toEqual(new Set([9]));
  });
});

describe("a list", () => {
  it("is filtered by stage and by account, newest first", async () => {
    const account = foreign(under).accountCreated();
    await under.publish(account);
    const made: string[] = [];
    for (let index = 0; index < 3; index += 1) made.unshift((await open({ accountId: account.recordId })).id);
    expect((await listed(`accountId = "${account.recordId}"`)).map(({ id }) => id)).toEqual(made);
    const [first = ""] = made;
    await advance(first, "engaging");
    const engaging = await listed('status = OPEN AND stageKey = "engaging"');
    expect(engaging.map(({ id }) => id)).toContain(first);
    expect(new Set(engaging.map(({ stageKey }) => stageKey))).toEqual(new Set(["engaging"]));
  });
  it("is sorted by name as people read it", async () => {
    const client = { actor: newId("user"), teams: [], grants: { "opportunities.*": "own" as const } };
    const own = under.client(OpportunityServiceService, client);
    for (const name of ["阿里 2", "Zebra", "阿里 10", "bolt"]) await open({ name, accountId: "" }, own);
    const { opportunities } = await own.listOpportunities(ListOpportunitiesRequest.fromPartial({ orderBy: "name" }));
    expect(opportunities.map(({ name }) => name)).toEqual(["阿里 2", "阿里 10", "bolt", "Zebra"]);
  });
});
