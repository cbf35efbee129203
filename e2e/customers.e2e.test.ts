import { expect } from "vitest";
import { acceptance } from "./acceptance.ts";
import { api, eventually, filter, newEmail } from "./api.ts";
import type { Account, Behaviour, Lead, Opportunity, Page, TimelineEntry } from "./records.ts";
import { listAll, newLead } from "./steps.ts";

const client = api();

acceptance("C-020", "a customer is listed with the origin it was entered with", async () => {
  const fair = `Spring Fair ${newEmail()}`;
  const { id } = await client.post<Account>("/v1/accounts", {
    kind: "PERSON",
    name: "Wang Fang",
    phone: "13800000000",
    needs: ["mobile app"],
    interests: ["offline mode"],
    origin: { kind: "CAMPAIGN", detail: fair },
  });
  const page = await client.get<Page<"accounts", Account>>(
    `/v1/accounts?${filter(`origin.kind = CAMPAIGN AND origin.detail = "${fair}"`)}`,
  );
  expect(page.accounts).toMatchObject([
    {
      id,
      name: "Wang Fang",
      phone: "+8613800000000",
      needs: ["mobile app"],
      origin: { kind: "CAMPAIGN", detail: fair },
    },
  ]);
});

acceptance("C-025", "a form posted twice by one mail address is one lead and two form events", async () => {
  const email = newEmail();
  const first = await client.post<{ leadId: string }>("/v1/forms:submit", {
    formName: "contact-us",
    email,
    need: "ink",
  });
  const second = await client.post<{ leadId: string }>("/v1/forms:submit", {
    formName: "contact-us",
    email: email.toUpperCase(),
    need: "paper",
  });
  expect(second.leadId).toBe(first.leadId);
  expect(await listAll<Lead>(client, "leads", `email = "${email}"`)).toMatchObject([
    { id: first.leadId, formSubmissionCount: 2 },
  ]);
  await eventually(
    () => listAll<Behaviour>(client, "behaviours", `leadId = "${first.leadId}"`),
    (behaviours) => expect(behaviours.map(({ type }) => type)).toEqual(["FORM_SUBMISSION", "FORM_SUBMISSION"]),
  );
});

acceptance("C-027", "a lead that is given up leaves the worklist, with a reason to report", async () => {
  const source = "MARKET_RESEARCH";
  const { id } = await newLead(client, { source });
  const worklist = () => listAll<Lead>(client, "leads", "status = NEW");
  expect((await worklist()).map((lead) => lead.id)).toContain(id);
  await client.post(`/v1/leads/${id}:disqualify`, { reason: "NO_BUDGET", note: "next year" });
  expect((await worklist()).map((lead) => lead.id)).not.toContain(id);
  const givenUp = await listAll<Lead>(client, "leads", "status = DISQUALIFIED");
  expect(givenUp.find((lead) => lead.id === id)?.qualification).toMatchObject({
    reason: "NO_BUDGET",
    note: "next year",
  });
});

acceptance(
  "C-028",
  "a lead with 6 events becomes an account that shows them and 1 opportunity; a retry makes no second",
  async () => {
    const email = newEmail();
    const { leadId } = await client.post<{ leadId: string }>("/v1/forms:submit", {
      formName: "contact-us",
      email,
      name: "王芳",
      company: "Acme",
    });
    await client.post("/v1/forms:submit", { formName: "pricing", email });
    await client.post(`/v1/leads/${leadId}:recordInquiry`, {
      inquiry: { product: "GTX Pro", question: "How much?", channel: "CHAT" },
    });
    await client.patch(`/v1/leads/${leadId}`, { purchaseIntent: "HIGH" });
    await client.post(`/v1/leads/${leadId}:qualify`, { note: "has budget" });
    const before = [
      "LeadCaptured",
      "LeadFormSubmitted",
      "LeadFormSubmitted",
      "LeadInquiryRecorded",
      "LeadEdited",
      "LeadQualified",
    ];

    const converted = await client.post<Lead>(`/v1/leads/${leadId}:convert`);
    const again = await client.post<Lead>(`/v1/leads/${leadId}:convert`);
    expect(again.conversion).toMatchObject({ ...converted.conversion, state: expect.any(String) });
    const { accountId = "", contactId = "", opportunityId = "" } = converted.conversion ?? {};

    await eventually(
      () => client.get<Lead>(`/v1/leads/${leadId}`),
      (lead) => expect(lead).toMatchObject({ status: "CONVERTED", conversion: { state: "COMPLETE" } }),
    );
    expect(await client.get(`/v1/contacts/${contactId}`)).toMatchObject({ accountId, leadId, name: "王芳", email });
    expect(await listAll<Opportunity>(client, "opportunities", `accountId = "${accountId}"`)).toMatchObject([
      { id: opportunityId },
    ]);
    await eventually(
      () => client.get<Page<"timelineEntries", TimelineEntry>>(`/v1/accounts/${accountId}/timeline`),
      ({ timelineEntries = [] }) => {
        const told = timelineEntries.map(({ eventType }) => eventType).filter((type) => before.includes(type));
        expect(told.sort()).toEqual([...before].sort());
      },
    );
  },
);
