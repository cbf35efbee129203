import { newId } from "@keynode/aggregate/type-id";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadConversionRequested } from "@keynode/contracts/crm/lead/v1/lead_events";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { TenantCreated } from "@keynode/contracts/crm/identity/v1/tenant_events";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import {
  OpportunityServiceService,
  WinOpportunityRequest,
} from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import { ListPipelinesRequest, PipelineServiceService } from "@keynode/contracts/crm/opportunity/v1/pipeline_service";
import { dateIn } from "@keynode/decider/calendar-date";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { opportunityService } from "../src/service.ts";
import { foreign } from "./foreign.ts";

let under: ServiceUnderTest;
let deals: GrpcClient<typeof OpportunityServiceService>;
let events: ReturnType<typeof foreign>;

beforeAll(async () => {
  under = await startForTest(opportunityService);
  deals = under.client(OpportunityServiceService);
  events = foreign(under);
});

const open = () => deals.createOpportunity({ opportunity: Opportunity.fromPartial({ name: "Acme printers" }) });
const typesOf = async (id: string) => (await under.recorded(id)).map(({ type }) => type);
const deadLetters = () => under.db.collection("deadLetters").countDocuments();

describe("a lead's conversion (C-028)", () => {
  const requested = (partial: Partial<LeadConversionRequested> = {}) =>
    under.event({
      context: "lead",
      type: "LeadConversionRequested",
      codec: LeadConversionRequested,
      message: LeadConversionRequested.fromPartial({
        accountId: newId("account"),
        contactId: newId("contact"),
        opportunityId: newId("opportunity"),
        opportunityName: "Acme printers",
        amount: { currencyCode: "USD", units: 300n, nanos: 0 },
        lead: Lead.fromPartial({ ownerId: under.admin.actor, teamId: newId("team"), needs: ["ink", "paper"] }),
        ...partial,
      }),
    });
  it("opens the deal under the id that it names, with all the lead knew, before there is an account", async () => {
    const event = requested();
    const { opportunityId, accountId, contactId, lead } = LeadConversionRequested.decode(event.data);
    await under.publish(event);
    expect(await deals.getOpportunity({ id: opportunityId })).toMatchObject({
      name: "Acme printers",
      accountId,
      contactId,
      leadId: event.recordId,
      ownerId: lead?.ownerId,
      teamId: lead?.teamId,
      amount: { units: 300n },
      basis: { kind: "LEAD", detail: "ink; paper" },
      stageKey: "prospecting",
    });
    const [opened] = await under.recorded(opportunityId);
    expect(opened).toMatchObject({ type: "OpportunityOpened", actor: "service:opportunity", causedBy: event.id });
  });
  it("opens it once, however often and however late the event comes", async () => {
    const event = requested();
    const { opportunityId } = LeadConversionRequested.decode(event.data);
    await under.publish(event, event);
    await deals.advanceStage({ id: opportunityId, etag: "", stageKey: "engaging" });
    await under.publish(event);
    expect(await typesOf(opportunityId)).toEqual(["OpportunityOpened", "OpportunityStageAdvanced"]);
    await deals.deleteOpportunity({ id: opportunityId, etag: "" });
    await under.publish(event);
    expect((await deals.getOpportunity({ id: opportunityId })).deleteTime).toBeDefined();
  });
  it("is not lost to a pipeline that is gone", async () => {
    const event = requested({ pipelineId: newId("pipeline") });
    await under.publish(event);
    const { opportunityId } = LeadConversionRequested.decode(event.data);
    expect((await deals.getOpportunity({ id: opportunityId })).stageKey).toBe("prospecting");
  });
});

describe("a contract's signature (C-057)", () => {
  it("wins its deal once, at its value and date, however often it is delivered", async () => {
    const [{ id }, contractId] = [await open(), newId("contract")];
    const signed = events.contractSigned(contractId, id);
    await under.publish(events.contractDrafted(contractId, id), signed, signed);
    await under.publish(signed);
    expect(await deals.getOpportunity({ id })).toMatchObject({
      status: "WON",
      contractId,
      close: {
        reason: "CONTRACT_SIGNED",
        value: { currencyCode: "USD", units: 250n },
        closeDate: { year: 2026, month: 2, day: 28 },
        closedBy: "service:opportunity",
      },
    });
    expect((await typesOf(id)).filter((type) => type === "OpportunityWon")).toHaveLength(1);
  });
  it("is enough without the draft, which may come later", async () => {
    const [{ id }, contractId] = [await open(), newId("contract")];
    await under.publish(events.contractSigned(contractId, id), events.contractDrafted(contractId, id));
    expect(await typesOf(id)).toEqual(["OpportunityOpened", "OpportunityContractLinked", "OpportunityWon"]);
  });
  it("leaves a deal won by hand as it was closed, and lets nobody reopen it", async () => {
    const [{ id }, contractId] = [await open(), newId("contract")];
    await deals.winOpportunity(WinOpportunityRequest.fromPartial({ id, reason: "PRICE" }));
    await under.publish(events.contractSigned(contractId, id));
    expect(await deals.getOpportunity({ id })).toMatchObject({ contractId, close: { reason: "PRICE" } });
    await expect(deals.reopenOpportunity({ id, etag: "", note: "" })).rejects.toMatchObject({
      details: { reason: "OPPORTUNITY_HAS_CONTRACT" },
    });
  });
  it("is noted and passed over on a lost deal", async () => {
    const { id } = await open();
    await deals.loseOpportunity({ id, etag: "", reason: "NO_BUDGET", note: "" });
    await under.publish(events.contractSigned(newId("contract"), id));
    expect((await deals.getOpportunity({ id })).status).toBe("LOST");
    expect(await deadLetters()).toBe(0);
  });
});

describe("a contract that is drafted, given up and brought back", () => {
  it("leaves the deal linked as the contract stands, in whatever order the events come", async () => {
    const [{ id }, contractId] = [await open(), newId("contract")];
    const story = [
      events.contractDrafted(contractId, id),
      events.contractDeleted(contractId, id, 2),
      events.contractRestored(contractId, id, 3),
    ];
    await under.publish(...story.toReversed(), ...story);
    expect((await deals.getOpportunity({ id })).contractId).toBe(contractId);
    await under.publish(events.contractCancelled(contractId, id, 4), ...story);
    expect((await deals.getOpportunity({ id })).contractId).toBe("");
  });
  it("is noted on a deleted deal too", async () => {
    const [{ id }, contractId] = [await open(), newId("contract")];
    await deals.deleteOpportunity({ id, etag: "" });
    await under.publish(events.contractDrafted(contractId, id));
    await deals.undeleteOpportunity({ id, etag: "" });
    expect((await deals.getOpportunity({ id })).contractId).toBe(contractId);
  });
  it("without a deal concerns nobody", async () => {
    await under.publish(events.contractDrafted(newId("contract"), ""));
    expect(await deadLetters()).toBe(0);
  });
});

describe("a new tenant", () => {
  it("has one pipeline before its first deal, and closes deals on its own day", async () => {
    const tenant = newId("tenant");
    // The zone in which the day differs from UTC's at this moment.
    const timeZone = new Date().getUTCHours() < 12 ? "Etc/GMT+12" : "Pacific/Kiritimati";
    const created = under.event({
      context: "identity",
      type: "TenantCreated",
      codec: TenantCreated,
      tenant,
      recordId: tenant,
      message: { snapshot: Tenant.fromPartial({ id: tenant, timeZone }) },
    });
    await under.publish(created, created);
    const { pipelines } = await under
      .client(PipelineServiceService, { tenant })
      .listPipelines(ListPipelinesRequest.fromPartial({}));
    expect(pipelines.map(({ default: isDefault }) => isDefault)).toEqual([true]);
    const own = under.client(OpportunityServiceService, { tenant });
    const { id } = await own.createOpportunity({ opportunity: Opportunity.fromPartial({ name: "Acme" }) });
    const { close } = await own.winOpportunity(WinOpportunityRequest.fromPartial({ id, reason: "PRICE" }));
    expect(close?.closeDate).toEqual(dateIn(timeZone, close?.closeTime ?? new Date()));
    expect(close?.closeDate).not.toEqual(dateIn("UTC", close?.closeTime ?? new Date()));
  });
});
