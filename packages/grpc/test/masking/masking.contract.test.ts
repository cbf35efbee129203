import {
  BatchCreateLeadsRequest,
  CreateLeadRequest,
  GetLeadRequest,
  ListLeadsRequest,
  SubmitFormRequest,
  UpdateLeadRequest,
} from "@keynode/contracts/crm/lead/v1/lead_service";
import { ReadJournalRequest, ReadJournalResponse } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { describe, expect, test } from "vitest";
import type { Call } from "../../src/call.ts";
import type { SensitiveRead } from "../../src/masking/sensitive-read.ts";
import { collect, LEAD_ID, lead, refusal, serve } from "../fixture.ts";

const PHONE = "+8613812340000";
const MASKED = "+86138****0000";
const get = GetLeadRequest.fromPartial({ id: LEAD_ID });
const list = ListLeadsRequest.fromPartial({});
const ours = lead({ name: "Lin", phone: PHONE, teamId: "team_1" });
const theirs = lead({ id: "lead_2", phone: PHONE, ownerId: "user_9", teamId: "team_9" });

describe("an answer", () => {
  test("shows sensitive values only of the records that the caller's right to them reaches", async () => {
    const { as } = await serve({
      leads: { listLeads: async () => ({ leads: [ours, theirs], nextPageToken: "" }), getLead: async () => ours },
    });
    const phones = async (token: string) => (await as(token).leads.listLeads(list)).leads.map(({ phone }) => phone);
    expect(await phones("reader")).toEqual([MASKED, MASKED]);
    expect(await phones("seller")).toEqual([PHONE, MASKED]);
    expect(await phones("admin")).toEqual([PHONE, PHONE]);
    expect(await as("reader").leads.getLead(get)).toEqual({ ...ours, phone: MASKED });
  });

  test("is masked as the tenant's rules have it, and where it has none as the platform's do", async () => {
    const { as } = await serve({ leads: { getLead: async () => ({ ...ours, email: "lin@acme.example" }) } });
    const shown = await as("ruled").leads.getLead(get);
    expect([shown.phone, shown.email]).toEqual(["****00", "l***@acme.example"]);
  });

  test("to a command and to a batch is masked as any other", async () => {
    const { as } = await serve({
      leads: {
        createLead: async () => ours,
        batchCreateLeads: async () => ({ results: [{ lead: ours, status: undefined }] }),
      },
    });
    const { leads } = as("reader");
    const request = CreateLeadRequest.fromPartial({ lead: { name: "Lin", phone: PHONE } });
    expect((await leads.createLead(request)).phone).toBe(MASKED);
    const batch = await leads.batchCreateLeads(BatchCreateLeadsRequest.fromPartial({ requests: [request] }));
    expect(batch.results[0]?.lead?.phone).toBe(MASKED);
  });

  test("in a stream is masked message by message", async () => {
    const row = ReadJournalResponse.fromPartial({ recordId: "lead_1", data: Buffer.from(PHONE) });
    const { as } = await serve({
      readJournal: async function* () {
        yield row;
        yield row;
      },
    });
    const read = async (token: string) =>
      (await collect(as(token).journal.readJournal(ReadJournalRequest.fromPartial({ tenant: "tenant_1" })))).map(
        ({ recordId, data }) => [recordId, data.toString()],
      );
    expect(await read("analytics")).toEqual([
      ["lead_1", PHONE],
      ["lead_1", PHONE],
    ]);
    expect(await read("mover")).toEqual([
      ["lead_1", ""],
      ["lead_1", ""],
    ]);
  });
});

describe("what is shown in the clear", () => {
  const reading = { leads: { getLead: async () => ours, createLead: async () => ours } };

  test("is told of before the caller has it", async () => {
    const told: { actor: string; reads: readonly SensitiveRead[] }[] = [];
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    const { as } = await serve({
      ...reading,
      onSensitiveRead: async ({ actor }: Call, reads) => {
        told.push({ actor, reads });
        await written;
      },
    });
    let answered = false;
    const answer = as("seller")
      .leads.getLead(get)
      .finally(() => {
        answered = true;
      });
    await expect.poll(() => told).toHaveLength(1);
    expect(answered).toBe(false);
    write();
    expect((await answer).phone).toBe(PHONE);
    expect(told).toEqual([
      {
        actor: "user_1",
        reads: [{ collection: "leads", recordIds: [LEAD_ID], fields: ["phone"], count: 1 }],
      },
    ]);
  });

  test("is not shown when it cannot be told of", async () => {
    const { as } = await serve({
      ...reading,
      onSensitiveRead: async () => {
        throw new Error("no room to write");
      },
    });
    expect(await refusal(as("seller").leads.getLead(get))).toMatchObject({ code: "INTERNAL" });
  });

  test("is no read where the caller has just written it, nor where it is masked", async () => {
    let told = 0;
    const { as } = await serve({
      ...reading,
      onSensitiveRead: async () => {
        told += 1;
      },
    });
    await as("admin").leads.createLead(CreateLeadRequest.fromPartial({ lead: { name: "Lin", phone: PHONE } }));
    await as("reader").leads.getLead(get);
    expect(told).toBe(0);
    await as("admin").leads.getLead(get);
    expect(told).toBe(1);
  });
});

describe("a masked value that is sent back", () => {
  const masked = { name: "Lin", phone: MASKED, email: "w***@acme.example" };

  test("is refused by the name of its field, and never reaches the handler", async () => {
    const { as } = await serve();
    const { leads } = as("admin");
    const violations = [
      { field: "lead.email", reason: "MASKED_VALUE", description: "is masked: leave it out, or send the whole value" },
      { field: "lead.phone", reason: "MASKED_VALUE", description: "is masked: leave it out, or send the whole value" },
    ];
    expect(await refusal(leads.createLead(CreateLeadRequest.fromPartial({ lead: masked })))).toMatchObject({
      code: "INVALID_ARGUMENT",
      details: { violations },
    });
    const update = UpdateLeadRequest.fromPartial({ lead: { id: LEAD_ID, ...masked }, updateMask: ["phone", "email"] });
    expect(await refusal(leads.updateLead(update))).toMatchObject({ details: { violations } });
    const form = SubmitFormRequest.fromPartial({ formName: "contact", phone: MASKED });
    expect(await refusal(leads.submitForm(form))).toMatchObject({
      details: { violations: [{ field: "phone", reason: "MASKED_VALUE" }] },
    });
  });

  test("in a batch refuses its item only", async () => {
    const refused: (string | undefined)[][] = [];
    const { as } = await serve({
      leads: {
        batchCreateLeads: async (_, { itemRefusals }) => {
          refused.push([0, 1].map((index) => itemRefusals.get(index)?.violations[0]?.reason));
          return { results: [] };
        },
      },
    });
    await as("admin").leads.batchCreateLeads(
      BatchCreateLeadsRequest.fromPartial({ requests: [{ lead: { name: "Lin" } }, { lead: masked }] }),
    );
    expect(refused).toEqual([[undefined, "MASKED_VALUE"]]);
  });

  test("beside the fields that an update's mask names is taken no notice of, as whatever else stands there", async () => {
    const taken: (string[] | undefined)[] = [];
    const { as } = await serve({
      leads: {
        updateLead: async ({ updateMask }) => {
          taken.push(updateMask);
          return ours;
        },
      },
    });
    const { leads } = as("admin");
    const change = (updateMask: string[], id = LEAD_ID) =>
      leads.updateLead(
        UpdateLeadRequest.fromPartial({ lead: { id, name: "Lin", phone: MASKED, email: "none" }, updateMask }),
      );
    await change(["name"]);
    const places = async (updating: Promise<unknown>) =>
      ((await refusal(updating)) as { details: { violations: { field: string }[] } }).details.violations.map(
        ({ field }) => field,
      );
    expect(await places(change(["name", "phone"]))).toEqual(["lead.phone"]);
    expect(await places(change(["*"]))).toEqual(["lead.phone", "lead.email"]);
    expect(await places(change([]))).toEqual(["lead.phone", "lead.email"]);
    // By its id the record is found, whatever the mask names.
    expect(await places(change(["name"], "nothing"))).toEqual(["lead.id"]);
    expect(taken).toEqual([["name"]]);
  });

  test("is no hindrance to an update that leaves the field out", async () => {
    const { as } = await serve({ leads: { updateLead: async ({ lead: patch }) => lead(patch) } });
    const update = UpdateLeadRequest.fromPartial({ lead: { id: LEAD_ID, name: "Lin" }, updateMask: ["name"] });
    expect((await as("admin").leads.updateLead(update)).name).toBe("Lin");
  });
});
