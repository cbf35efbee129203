import { newId } from "@keynode/aggregate/type-id";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import {
  ConvertLeadRequest,
  LeadServiceService,
  ListLeadsRequest,
  SubmitFormRequest,
} from "@keynode/contracts/crm/lead/v1/lead_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { refused } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
let leads: GrpcClient<typeof LeadServiceService>;

beforeAll(async () => {
  under = await startForTest(leadService);
  leads = under.client(LeadServiceService);
});

let counter = 0;
const email = () => `person.${Date.now()}.${counter++}@example.com`;
const phone = () => `138${String(counter++).padStart(8, "0")}`;
const capture = (partial: Partial<Lead> = {}) =>
  leads.createLead({ lead: Lead.fromPartial({ name: "王芳", email: email(), ...partial }) });
const form = (partial: Partial<SubmitFormRequest>) =>
  leads.submitForm(SubmitFormRequest.fromPartial({ formName: "contact-us", ...partial }));
const convert = (id: string) => leads.convertLead(ConvertLeadRequest.fromPartial({ id }));
const listed = async (filter: string, more: Partial<ListLeadsRequest> = {}, client = leads) =>
  (await client.listLeads(ListLeadsRequest.fromPartial({ filter, ...more }))).leads;
const refusal = async (call: Promise<unknown>) => {
  const error = await refused(call);
  return {
    code: error.code,
    reason: error.details.reason,
    metadata: error.details.metadata,
    fields: error.details.violations.map(({ field }) => field),
  };
};

describe("a captured lead", () => {
  it("is its caller's, new and potential, and is read back as it was answered", async () => {
    const lead = await capture({
      source: "TRADE_SHOW",
      needs: ["ink"],
      capturedDate: { year: 2026, month: 3, day: 1 },
    });
    expect(lead).toMatchObject({
      status: "NEW",
      stage: "POTENTIAL",
      ownerId: under.admin.actor,
      teamId: under.admin.teams[0],
      etag: "1",
    });
    expect(await leads.getLead({ id: lead.id })).toEqual(lead);
  });
  it("keeps its e-mail address in lower case and its telephone number in E.164 form", async () => {
    const lead = await capture({ email: `  ${email().toUpperCase()}`.trim(), phone: "138 0000 9999" });
    expect(lead.email).toBe(lead.email.toLowerCase());
    expect(lead.phone).toBe("+8613800009999");
  });
  it("cannot bring its own status, id or etag", async () => {
    const lead = await capture({ id: newId("lead"), status: "CONVERTED", etag: "9", formSubmissionCount: 5 });
    expect(lead).toMatchObject({ status: "NEW", etag: "1", formSubmissionCount: 0 });
  });
  it("is refused when another lead has its e-mail address, naming that lead", async () => {
    const first = await capture();
    expect(await refusal(capture({ email: first.email.toUpperCase() }))).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "LEAD_EXISTS",
      metadata: { leadId: first.id },
    });
  });
  it("is refused without naming the other lead to a caller who may not see it", async () => {
    const first = await capture();
    const zhao = under.client(LeadServiceService, { actor: newId("user"), grants: { "leads.*": "own" } });
    const refused = await refusal(zhao.createLead({ lead: Lead.fromPartial({ name: "W", email: first.email }) }));
    expect(refused).toMatchObject({ reason: "LEAD_EXISTS", metadata: {} });
  });
  it("is refused naming a telephone number that is none", async () => {
    expect(await refusal(capture({ phone: "12" }))).toMatchObject({ code: "INVALID_ARGUMENT", fields: ["lead.phone"] });
  });
  it("cannot be given to somebody else by a caller who sees only their own", async () => {
    const zhao = under.client(LeadServiceService, { actor: newId("user"), grants: { "leads.*": "own" } });
    const lead = Lead.fromPartial({ name: "W", email: email(), ownerId: under.admin.actor });
    expect((await refusal(zhao.createLead({ lead }))).code).toBe("PERMISSION_DENIED");
  });
});

describe("a batch of leads", () => {
  it("is accepted or refused one by one, in order", async () => {
    const taken = await capture();
    const requests = [
      { lead: Lead.fromPartial({ name: "A", email: email() }) },
      { lead: Lead.fromPartial({ name: "B", email: taken.email }) },
      { lead: Lead.fromPartial({ name: "C", email: "no address" }) },
      { lead: Lead.fromPartial({ name: "D", email: email() }) },
    ];
    const { results } = await leads.batchCreateLeads({ requests });
    expect(results.map(({ lead, status }) => lead?.name ?? status?.code)).toEqual(["A", 6, 3, "D"]);
  });
  it("sent twice under one key makes every lead once", async () => {
    const requests = [email(), email()].map((address) => ({ lead: Lead.fromPartial({ name: "A", email: address }) }));
    const first = await leads.batchCreateLeads({ requests }, { idempotencyKey: "batch-1" });
    const second = await leads.batchCreateLeads({ requests }, { idempotencyKey: "batch-1" });
    expect(second).toEqual(first);
  });
});

describe("an update", () => {
  it("changes the fields of its mask and no other", async () => {
    const lead = await capture({ company: "Acme", needs: ["ink"] });
    const patch = Lead.fromPartial({ id: lead.id, company: "Bolt", needs: ["paper"] });
    const after = await leads.updateLead({ lead: patch, updateMask: ["company"] });
    expect(after).toMatchObject({ company: "Bolt", needs: ["ink"], etag: "2" });
  });
  it("without a mask changes the fields it fills", async () => {
    const lead = await capture({ company: "Acme" });
    const after = await leads.updateLead({ lead: Lead.fromPartial({ id: lead.id, purchaseIntent: "HIGH" }) });
    expect(after).toMatchObject({ company: "Acme", purchaseIntent: "HIGH" });
  });
  it("is refused naming every path that is not to be changed", async () => {
    const lead = await capture();
    const change = leads.updateLead({
      lead: Lead.fromPartial({ id: lead.id }),
      updateMask: ["status", "nonsense", "name"],
    });
    expect((await refusal(change)).fields).toEqual(["status", "nonsense"]);
  });
  it("is refused under an etag that has passed", async () => {
    const lead = await capture();
    const change = (etag: string) =>
      leads.updateLead({ lead: Lead.fromPartial({ id: lead.id, company: `C${etag}`, etag }), updateMask: ["company"] });
    await change("1");
    expect((await refusal(change("1"))).reason).toBe("ETAG_MISMATCH");
  });
});

describe("a form (C-025)", () => {
  it("posted twice by one mail address is one lead with two submissions", async () => {
    const address = email();
    const first = await form({ email: address, need: "ink" });
    const second = await form({ email: address.toUpperCase(), need: "paper" });
    expect(second.leadId).toBe(first.leadId);
    expect(await leads.getLead({ id: first.leadId })).toMatchObject({
      formSubmissionCount: 2,
      source: "WEBSITE",
      needs: ["ink", "paper"],
    });
  });
  it("posted many times at once by a new person captures one lead", async () => {
    const address = email();
    const answers = await Promise.all(Array.from({ length: 8 }, () => form({ email: address })));
    expect(new Set(answers.map(({ leadId }) => leadId)).size).toBe(1);
    expect((await leads.getLead({ id: answers[0]?.leadId ?? "" })).formSubmissionCount).toBe(8);
  });
  it("meets the lead by telephone number, however it is written", async () => {
    const number = phone();
    const { leadId } = await form({ phone: number });
    expect((await form({ phone: `+86 ${number}` })).leadId).toBe(leadId);
  });
  it("goes to the lead of its e-mail address when its number is another's", async () => {
    const [one, other] = [await capture(), await capture({ phone: phone() })];
    const { leadId } = await form({ email: one.email, phone: other.phone });
    expect(leadId).toBe(one.id);
    expect((await leads.getLead({ id: one.id })).phone).toBe("");
  });
  it("without a way back to the person is refused, naming both fields", async () => {
    expect(await refusal(form({ name: "W" }))).toMatchObject({
      reason: "FORM_WITHOUT_CONTACT",
      fields: ["email", "phone"],
    });
  });
  it("repeated under one key is one submission", async () => {
    const request = SubmitFormRequest.fromPartial({ formName: "contact-us", email: email() });
    const first = await leads.submitForm(request, { idempotencyKey: "form-1" });
    expect(await leads.submitForm(request, { idempotencyKey: "form-1" })).toEqual(first);
    expect((await leads.getLead({ id: first.leadId })).formSubmissionCount).toBe(1);
  });
});

describe("qualification (C-027)", () => {
  it("leaves the worklist with a reason that can be found again", async () => {
    const lead = await capture({ source: "REFERRAL" });
    await leads.disqualifyLead({ id: lead.id, etag: "", reason: "NO_BUDGET", note: "next year" });
    const worklist = await listed("status = NEW", { pageSize: 1000 });
    expect(worklist.map(({ id }) => id)).not.toContain(lead.id);
    const given = await listed("status = DISQUALIFIED", { pageSize: 1000 });
    expect(given.find(({ id }) => id === lead.id)?.qualification).toMatchObject({
      reason: "NO_BUDGET",
      note: "next year",
    });
  });
});

describe("conversion (C-028)", () => {
  it("answers the ids to come at once, the same ones on repeat", async () => {
    const lead = await capture();
    await leads.qualifyLead({ id: lead.id, etag: "", note: "" });
    const first = await convert(lead.id);
    expect(first.conversion).toMatchObject({ state: "PENDING" });
    expect(await convert(lead.id)).toEqual(first);
  });
});

describe("a list", () => {
  it("is paged, newest first, each lead once", async () => {
    const mine = { actor: newId("user"), teams: [], grants: { "leads.*": "own" as const } };
    const client = under.client(LeadServiceService, mine);
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      made.unshift((await client.createLead({ lead: Lead.fromPartial({ name: `N${index}`, email: email() }) })).id);
    }
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await client.listLeads(ListLeadsRequest.fromPartial({ pageSize: 2, pageToken }));
      seen.push(...page.leads.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).toEqual(made);
  });
  it("hides deleted leads until they are asked for", async () => {
    const lead = await capture({ source: "PHONE" });
    await leads.deleteLead({ id: lead.id, etag: "" });
    expect((await listed("source = PHONE")).map(({ id }) => id)).not.toContain(lead.id);
    expect((await listed("source = PHONE", { showDeleted: true })).map(({ id }) => id)).toContain(lead.id);
  });
});

describe("a lead's e-mail address and telephone number", () => {
  const reader = () => under.client(LeadServiceService, { actor: newId("user"), grants: { "leads.read": "all" } });

  it("are masked for a caller without the right, in every answer", async () => {
    const lead = await capture({ email: `mask.${email()}`, phone: phone() });
    const masked = { ...lead, email: `m***${lead.email.slice(lead.email.indexOf("@"))}`, phone: maskedPhone(lead) };
    expect(await reader().getLead({ id: lead.id })).toEqual(masked);
    expect(await listed(`ownerId = ${lead.ownerId}`, { pageSize: 1 }, reader())).toEqual([masked]);
    const clerk = under.client(LeadServiceService, {
      actor: newId("user"),
      grants: { "leads.read": "all", "leads.update": "all", "leads.qualify": "all" },
    });
    const patch = Lead.fromPartial({ id: lead.id, company: "Acme" });
    expect(await clerk.updateLead({ lead: patch, updateMask: ["company"] })).toMatchObject({ phone: masked.phone });
    expect(await clerk.qualifyLead({ id: lead.id, etag: "", note: "" })).toMatchObject({ email: masked.email });
    expect(await leads.getLead({ id: lead.id })).toMatchObject({
      email: lead.email,
      phone: lead.phone,
      company: "Acme",
    });
  });

  it("are shown of own records with the right to those, also when a read mask leaves the owner out", async () => {
    const zhao = under.client(LeadServiceService, {
      actor: newId("user"),
      grants: { "leads.*": "own", "leads.read": "all" },
    });
    const mine = await zhao.createLead({ lead: Lead.fromPartial({ name: "W", phone: phone() }) });
    const other = await capture({ phone: phone() });
    expect((await zhao.getLead({ id: mine.id, readMask: ["phone"] })).phone).toBe(mine.phone);
    expect((await zhao.getLead({ id: other.id, readMask: ["phone"] })).phone).toBe(maskedPhone(other));
  });

  it("are neither filtered nor told apart by callers who may not see those of every lead they list", async () => {
    const reaching = (reach: "own" | "all") =>
      under.client(LeadServiceService, {
        actor: newId("user"),
        grants: { "leads.read": reach, "leads.create": reach, "leads.readSensitive": "own" },
      });
    const own = reaching("own");
    const all = reaching("all");
    const lead = await own.createLead({ lead: Lead.fromPartial({ name: "W", phone: phone() }) });
    const filter = `phone = "${lead.phone}"`;
    expect(await refusal(listed(filter, {}, all))).toMatchObject({
      reason: "PERMISSION_DENIED",
      metadata: { field: "phone" },
      fields: ["filter"],
    });
    expect((await listed(filter, {}, own)).map(({ id }) => id)).toEqual([lead.id]);
    const again = { lead: Lead.fromPartial({ name: "W", phone: lead.phone }) };
    expect(await refusal(all.createLead(again))).toMatchObject({ reason: "LEAD_EXISTS", metadata: {} });
    expect(await refusal(own.createLead(again))).toMatchObject({ metadata: { leadId: lead.id } });
  });

  it("are not what a lead without a name is called", async () => {
    const address = email();
    const { leadId } = await form({ email: address });
    expect((await leads.getLead({ id: leadId })).name).toBe(`p***${address.slice(address.indexOf("@"))}`);
  });
});

const maskedPhone = ({ phone: number }: Pick<Lead, "phone">): string => `${number.slice(0, 6)}****${number.slice(-4)}`;
