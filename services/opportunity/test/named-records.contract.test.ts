import { randomUUID } from "node:crypto";
import { newId } from "@keynode/aggregate/type-id";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { OpportunityServiceService } from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { PipelineServiceService } from "@keynode/contracts/crm/opportunity/v1/pipeline_service";
import { refused } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { type Keeper, keeperForTest } from "@keynode/runtime/testing-keeper";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { opportunityService } from "../src/service.ts";
import { foreign } from "./foreign.ts";

/*
 * A deal names accounts and contacts of another service, and pipelines of its own: what its caller may not read is
 * answered as what is not there.
 */

let under: ServiceUnderTest;
let [mine, hidden]: [string, string] = ["", ""];
type Caller = NonNullable<Parameters<ServiceUnderTest["client"]>[1]>;
const seller = { actor: newId("user"), teams: [], grants: { "*": "own" } } as const satisfies Caller;

let accounts: Keeper;

beforeAll(async () => {
  accounts = await keeperForTest();
  // Nobody listens where contracts and products are said to be.
  under = await startForTest(opportunityService, { UPSTREAMS: `account=${accounts.address},contract=127.0.0.1:1` });
  const made = [foreign(under).accountCreated(), foreign(under).accountCreated()] as const;
  await under.publish(...made);
  [mine, hidden] = [made[0].recordId, made[1].recordId];
});

afterAll(() => accounts.close());

beforeEach(() => {
  accounts.asked.length = 0;
  accounts.readable.clear();
  accounts.readable.add(mine);
});

const deals = (principal: Caller = seller) => under.client(OpportunityServiceService, principal);
const opportunity = (fields: Partial<Opportunity>) => Opportunity.fromPartial({ name: "Acme printers", ...fields });
const refusal = async (call: Promise<unknown>) => {
  const error = await refused(call);
  const { reason, metadata, violations } = error.details;
  return { code: error.code, reason, metadata, violations };
};
/** The same but for the ids that the caller sent. */
const without = (told: object, ...ids: readonly string[]): string =>
  ids.reduce((text, id) => text.replaceAll(id, "…"), JSON.stringify(told));

describe("an account that the caller may not read", () => {
  it("is refused as one that is not there, and its service is asked once with the caller's right to accounts only", async () => {
    const unknown = newId("account");
    const open = (accountId: string) => refusal(deals().createOpportunity({ opportunity: opportunity({ accountId }) }));
    const [toHidden, toUnknown] = [await open(hidden), await open(unknown)];
    expect(toHidden).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "ACCOUNT_NOT_FOUND",
      violations: [{ field: "opportunity.account_id" }],
    });
    expect(without(toHidden, hidden)).toBe(without(toUnknown, unknown));
    expect(accounts.asked.map(({ recordIds }) => recordIds)).toEqual([[hidden], [unknown]]);
    expect(accounts.asked[0]).toMatchObject({
      tenant: under.tenant,
      subject: { actor: seller.actor, teams: [], grants: [{ permission: "accounts.read", scope: "own" }] },
    });
  });

  it("is not given a deal by an update, which may send back an account that went to others", async () => {
    const made = await deals().createOpportunity({ opportunity: opportunity({ accountId: mine }) });
    const update = (fields: Partial<Opportunity>, updateMask: string[]) =>
      deals().updateOpportunity({ opportunity: opportunity({ id: made.id, ...fields }), updateMask });
    expect(await refusal(update({ accountId: hidden }, ["account_id"]))).toMatchObject({ reason: "ACCOUNT_NOT_FOUND" });
    accounts.readable.clear();
    accounts.asked.length = 0;
    const renamed = await update({ name: "Renamed", accountId: mine }, ["name", "account_id"]);
    expect(renamed).toMatchObject({ name: "Renamed", accountId: mine });
    expect((await update({ accountId: hidden, name: "Again" }, ["name"])).accountId).toBe(mine);
    expect(accounts.asked).toEqual([]);
  });

  it("refuses the items of a batch that name it, and its service is asked once for all", async () => {
    const requests = [mine, hidden, mine].map((accountId) => ({ opportunity: opportunity({ accountId }) }));
    const { results } = await deals().batchCreateOpportunities({ requests });
    expect(results.map(({ status }) => status?.code)).toEqual([0, 9, 0]);
    const { results: imported } = await deals().importOpportunities({
      requests: requests.map((request) => ({ ...request, close: undefined })),
    });
    expect(imported.map(({ status }) => status?.code)).toEqual([0, 9, 0]);
    expect(accounts.asked.map(({ recordIds }) => recordIds)).toEqual([
      [mine, hidden],
      [mine, hidden],
    ]);
  });

  it("does not change what a repeat of a call is answered", async () => {
    const idempotencyKey = randomUUID();
    const open = () => deals().createOpportunity({ opportunity: opportunity({ accountId: mine }) }, { idempotencyKey });
    const first = await open();
    accounts.readable.clear();
    expect(await open()).toEqual(first);
  });

  it("costs those nothing who may read all, nor those who name none", async () => {
    await deals({}).createOpportunity({ opportunity: opportunity({ accountId: hidden }) });
    const reader = { ...seller, actor: newId("user"), grants: { "*": "own", "accounts.read": "all" } } as const;
    await deals(reader).createOpportunity({ opportunity: opportunity({ accountId: hidden }) });
    await deals().createOpportunity({ opportunity: opportunity({}) });
    expect(accounts.asked).toEqual([]);
  });
});

it("a pipeline is looked up here, and refused alike when it is out of reach", async () => {
  const pipeline = await under.client(PipelineServiceService).createPipeline({
    pipeline: Pipeline.fromPartial({ name: "Tenders", stages: [{ key: "bid", nameEn: "Bid", nameZh: "投标" }] }),
  });
  const unknown = newId("pipeline");
  const enter = (pipelineId: string, principal: Caller = seller) =>
    deals(principal).createOpportunity({ opportunity: opportunity({ pipelineId }) });
  const [toHidden, toUnknown] = [await refusal(enter(pipeline.id)), await refusal(enter(unknown))];
  expect(toHidden).toMatchObject({ reason: "PIPELINE_NOT_FOUND" });
  expect(without(toHidden, pipeline.id)).toBe(without(toUnknown, unknown));
  const reader = { ...seller, actor: newId("user"), grants: { "*": "own", "pipelines.read": "all" } } as const;
  expect((await enter(pipeline.id, reader)).pipelineId).toBe(pipeline.id);
  expect(accounts.asked).toEqual([]);
});

it("while the service that keeps a record is away, a caller who must be judged is told to come again", async () => {
  const naming = { opportunity: opportunity({ productIds: [newId("product")] }) };
  expect(await refusal(deals().createOpportunity(naming))).toMatchObject({
    code: "UNAVAILABLE",
    reason: "UPSTREAM_UNAVAILABLE",
    metadata: { service: "contract" },
  });
  expect((await deals({}).createOpportunity(naming)).productIds).toEqual(naming.opportunity.productIds);
});
