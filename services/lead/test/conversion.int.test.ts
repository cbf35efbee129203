import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountCreated, AccountLeadJoined } from "@keynode/contracts/crm/account/v1/account_events";
import { Contact } from "@keynode/contracts/crm/account/v1/contact";
import { ContactCreated } from "@keynode/contracts/crm/account/v1/contact_events";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { ConvertLeadRequest, LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { OpportunityOpened } from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
let leads: GrpcClient<typeof LeadServiceService>;

beforeAll(async () => {
  under = await startForTest(leadService);
  leads = under.client(LeadServiceService);
});

const converting = async () => {
  const { id } = await leads.createLead({ lead: Lead.fromPartial({ name: "王芳" }) });
  await leads.qualifyLead({ id, etag: "", note: "" });
  await leads.convertLead(ConvertLeadRequest.fromPartial({ id }));
  return id;
};
const accountCreated = (leadId: string) =>
  under.event({
    context: "account",
    type: "AccountCreated",
    codec: AccountCreated,
    message: { account: Account.fromPartial({ leadIds: [leadId] }) },
  });
const accountJoined = (leadId: string) =>
  under.event({
    context: "account",
    type: "AccountLeadJoined",
    codec: AccountLeadJoined,
    message: { leadId, needs: [], interests: [] },
  });
const contactCreated = (leadId: string) =>
  under.event({
    context: "account",
    type: "ContactCreated",
    codec: ContactCreated,
    message: { contact: Contact.fromPartial({ leadId }) },
  });
const opportunityOpened = (leadId: string) =>
  under.event({
    context: "opportunity",
    type: "OpportunityOpened",
    codec: OpportunityOpened,
    message: { opportunity: Opportunity.fromPartial({ leadId }) },
  });
const conversionOf = async (id: string) => (await leads.getLead({ id })).conversion?.state;

describe("a conversion (C-028)", () => {
  it("is complete when account, contact and opportunity exist, whichever comes first", async () => {
    const [one, other] = [await converting(), await converting()];
    await under.publish(opportunityOpened(one), contactCreated(one), contactCreated(other), accountCreated(other));
    expect([await conversionOf(one), await conversionOf(other)]).toEqual(["PENDING", "PENDING"]);
    await under.publish(accountCreated(one), opportunityOpened(other));
    expect([await conversionOf(one), await conversionOf(other)]).toEqual(["COMPLETE", "COMPLETE"]);
  });
  it("joins an account that was there before", async () => {
    const id = await converting();
    await under.publish(accountJoined(id), contactCreated(id), opportunityOpened(id));
    expect(await conversionOf(id)).toBe("COMPLETE");
  });
  it("completes once, however often its events come again", async () => {
    const id = await converting();
    const events = [accountCreated(id), contactCreated(id), opportunityOpened(id)];
    await under.publish(...events, ...events);
    await under.publish(...events.reverse());
    const types = (await under.recorded(id)).map(({ type }) => type);
    expect(types.filter((type) => type === "LeadConverted")).toHaveLength(1);
    expect(types.filter((type) => type === "LeadConversionAdvanced")).toHaveLength(3);
  });
  it("takes no note of records that came from no lead", async () => {
    await under.publish(contactCreated(""), opportunityOpened(""));
    expect(await under.db.collection("deadLetters").countDocuments()).toBe(0);
  });
});
