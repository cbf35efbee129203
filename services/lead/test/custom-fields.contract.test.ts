import { newId } from "@keynode/aggregate/type-id";
import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import {
  BatchCreateLeadsRequest,
  LeadServiceService,
  ListLeadsRequest,
  QualifyLeadRequest,
} from "@keynode/contracts/crm/lead/v1/lead_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { refused } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
let leads: GrpcClient<typeof LeadServiceService>;

const salesRole = newId("role");

beforeAll(async () => {
  under = await startForTest(leadService);
  leads = under.client(LeadServiceService);
  await under.field({
    collection: "leads",
    key: "shoeSize",
    kind: "NUMBER",
    min: 20,
    max: 60,
    sortable: true,
    sortSlot: 1,
  });
  await under.field({ collection: "leads", key: "nickname", kind: "TEXT", maxLength: 5 });
  await under.field({ collection: "leads", key: "mobile", kind: "PHONE" });
  await under.field({
    collection: "leads",
    key: "colours",
    kind: "CHOICES",
    choices: [{ id: "red" }, { id: "blue" }, { id: "old", retired: true }],
  });
  await under.field({ collection: "leads", key: "source2", kind: "TEXT", defaultValue: { text: "shop" } });
  await under.field({ collection: "leads", key: "budgetDay", kind: "DATE", requiredFrom: ["QUALIFIED"] });
  await under.field({ collection: "leads", key: "gone", kind: "TEXT", retireTime: new Date() });
  await under.field({ collection: "leads", key: "margin", kind: "NUMBER", readerRoleIds: [salesRole] });
});

type Values = Record<string, Partial<CustomValue>>;
const leadWith = (customFields: Values, more: Partial<Lead> = {}) =>
  Lead.fromPartial({ name: "王芳", email: `${newId("mail")}@example.com`, ...more, customFields });
const capture = (customFields: Values = {}) => leads.createLead({ lead: leadWith(customFields) });
const update = (id: string, customFields: Values, updateMask?: string[], client = leads) =>
  client.updateLead({ lead: Lead.fromPartial({ id, customFields }), updateMask });
const listed = async (filter: string, more: Partial<ListLeadsRequest> = {}, client = leads) =>
  (await client.listLeads(ListLeadsRequest.fromPartial({ filter, ...more }))).leads.map(({ id }) => id);
const refusal = async (call: Promise<unknown>) => {
  const error = await refused(call);
  return {
    code: error.code,
    reason: error.details.reason,
    problems: error.details.violations.map(({ field, reason }) => `${field} ${reason}`),
  };
};
const kept = ({ customFields }: Lead) =>
  Object.fromEntries(
    Object.entries(customFields).map(([key, { choices, ...value }]) => [
      key,
      Object.values({ ...value, ...(choices.length > 0 && { choices }) }).find((each) => each !== undefined),
    ]),
  );

describe("a record's custom values", () => {
  it("are kept in their own form beside the defaults, and read back", async () => {
    const lead = await capture({
      shoeSize: { number: 42 },
      mobile: { phone: "138 0000 0000" },
      colours: { choices: ["red", "red"] },
    });
    expect(kept(lead)).toEqual({ shoeSize: 42, mobile: "+8613800000000", colours: ["red"], source2: "shop" });
    expect(await leads.getLead({ id: lead.id })).toEqual(lead);
  });

  it("are refused all at once, each by its place in the request", async () => {
    const wrong = capture({
      shoeSize: { number: 61 },
      nickname: { text: "too long" },
      mobile: { phone: "12" },
      colours: { choices: ["red", "old"] },
      budgetDay: { date: "2026-02-30" },
      gone: { text: "x" },
      margin: { number: 1 },
      unheardOf: { text: "x" },
      source2: { number: 1 },
    });
    const { code, reason, problems } = await refusal(wrong);
    expect([code, reason]).toEqual(["INVALID_ARGUMENT", "INVALID_REQUEST"]);
    expect(problems.toSorted()).toEqual([
      "lead.custom_fields.budgetDay CUSTOM_FIELD_MALFORMED",
      "lead.custom_fields.colours CUSTOM_FIELD_NO_CHOICE",
      "lead.custom_fields.gone CUSTOM_FIELD_RETIRED",
      "lead.custom_fields.margin CUSTOM_FIELD_UNKNOWN",
      "lead.custom_fields.mobile CUSTOM_FIELD_MALFORMED",
      "lead.custom_fields.nickname CUSTOM_FIELD_TOO_LONG",
      "lead.custom_fields.shoeSize CUSTOM_FIELD_OUT_OF_RANGE",
      "lead.custom_fields.source2 CUSTOM_FIELD_WRONG_KIND",
      "lead.custom_fields.unheardOf CUSTOM_FIELD_UNKNOWN",
    ]);
  });

  it("change one by one, all at once, or as far as they are given", async () => {
    const { id } = await capture({ shoeSize: { number: 42 }, nickname: { text: "Fang" } });
    expect(kept(await update(id, { shoeSize: { number: 43 } }, ["custom_fields.shoeSize"]))).toMatchObject({
      shoeSize: 43,
      nickname: "Fang",
    });
    expect(kept(await update(id, { shoeSize: { number: 44 } }))).toMatchObject({ shoeSize: 44, nickname: "Fang" });
    expect(kept(await update(id, {}, ["custom_fields.shoe_size"]))).toEqual({ nickname: "Fang", source2: "shop" });
    expect(kept(await update(id, { shoeSize: { number: 45 } }, ["custom_fields"]))).toEqual({ shoeSize: 45 });
    const unchanged = await leads.updateLead({
      lead: Lead.fromPartial({ id, company: "Acme" }),
      updateMask: undefined,
    });
    expect(kept(unchanged)).toEqual({ shoeSize: 45 });
  });

  it("of a batch are refused item by item", async () => {
    const requests = [
      { lead: leadWith({ shoeSize: { number: 42 } }) },
      { lead: leadWith({ shoeSize: { number: 1 } }) },
    ];
    const { results } = await leads.batchCreateLeads(BatchCreateLeadsRequest.fromPartial({ requests }));
    expect(results.map(({ status }) => status?.code)).toEqual([0, 3]);
  });

  it("are needed before a stage that asks for them, and stay once it is reached", async () => {
    const { id } = await capture();
    const qualify = () => leads.qualifyLead(QualifyLeadRequest.fromPartial({ id }));
    expect(await refusal(qualify())).toMatchObject({ problems: ["custom_fields.budgetDay CUSTOM_FIELD_REQUIRED"] });
    await update(id, { budgetDay: { date: "2026-05-01" } });
    expect((await qualify()).status).toBe("QUALIFIED");
    expect(await refusal(update(id, {}, ["custom_fields.budget_day"]))).toMatchObject({
      problems: ["custom_fields.budgetDay CUSTOM_FIELD_REQUIRED"],
    });
  });

  it("of a field made a moment ago are waited for", async () => {
    const early = capture({ brandNew: { text: "x" } });
    await under.field({ collection: "leads", key: "brandNew", kind: "TEXT" });
    expect(kept(await early)).toMatchObject({ brandNew: "x" });
  });
});

describe("what a caller is shown", () => {
  it("is what the caller's roles show: others neither see nor set it", async () => {
    const sales = under.client(LeadServiceService, {
      actor: newId("user"),
      roles: [salesRole],
      grants: { "leads.*": "all" },
    });
    const { id } = await sales.createLead({ lead: leadWith({ margin: { number: 7 } }) });
    expect(kept(await sales.getLead({ id }))).toMatchObject({ margin: 7 });
    expect(kept(await leads.getLead({ id }))).not.toHaveProperty("margin");
    await update(id, { shoeSize: { number: 40 } }, ["custom_fields"]);
    expect(kept(await sales.getLead({ id }))).toMatchObject({ margin: 7, shoeSize: 40 });
    expect(
      (await sales.listLeads(ListLeadsRequest.fromPartial({ filter: "customFields.margin = 7" }))).leads,
    ).toHaveLength(1);
  });

  it("is masked without the right to sensitive values, which then cannot be compared either", async () => {
    await under.field({ collection: "leads", key: "income", kind: "NUMBER", sensitive: true });
    const { id } = await capture({ income: { number: 9 }, mobile: { phone: "13800000001" } });
    expect(kept(await leads.getLead({ id }))).toMatchObject({ income: 9, mobile: "+8613800000001" });
    const viewer = under.client(LeadServiceService, { actor: newId("user"), grants: { "leads.read": "all" } });
    const seen = kept(await viewer.getLead({ id }));
    expect(seen).toMatchObject({ mobile: "+86138****0001" });
    expect(seen).not.toHaveProperty("income");
    expect((await refusal(listed("customFields.income = 9", {}, viewer))).reason).toBe("PERMISSION_DENIED");
    expect((await refusal(listed("customFields.mobile:*", {}, viewer))).reason).toBe("PERMISSION_DENIED");
  });

  it("has what formulas make of the record now, and why where they make nothing", async () => {
    await under.field({
      collection: "leads",
      key: "ratio",
      kind: "FORMULA",
      formula: "100 / customFields.parts",
      formulaKind: "NUMBER",
    });
    await under.field({ collection: "leads", key: "parts", kind: "NUMBER" });
    const { id } = await capture({ parts: { number: 8 }, ratio: { number: 1 } });
    expect(kept(await leads.getLead({ id }))).toMatchObject({ ratio: 12.5 });
    const zero = await update(id, { parts: { number: 0 } });
    expect(zero.customFields["ratio"]).toMatchObject({ problem: "DIVISION_BY_ZERO" });
    const without = await update(id, {}, ["custom_fields.parts"]);
    expect(without.customFields["ratio"]).toMatchObject({ problem: "MISSING_OPERAND" });
  });

  it("of a field that has changed its kind is what the new kind can hold, and the rest as it was", async () => {
    await under.field({ collection: "leads", key: "floor", kind: "TEXT" });
    const [one, two] = await Promise.all([capture({ floor: { text: "3" } }), capture({ floor: { text: "top" } })]);
    await under.field({ collection: "leads", key: "floor", kind: "NUMBER" }, 2);
    await expect
      .poll(async () => kept(await leads.getLead({ id: one.id })), { timeout: 5_000 })
      .toMatchObject({ floor: 3 });
    expect((await leads.getLead({ id: two.id })).customFields["floor"]).toMatchObject({
      text: "top",
      problem: "NOT_CONVERTED",
    });
  });
});

describe("a list", () => {
  it("is narrowed by a custom value, a choice among several, and by there being one", async () => {
    const { id } = await capture({
      shoeSize: { number: 27 },
      colours: { choices: ["red", "blue"] },
      mobile: { phone: "13912345678" },
    });
    const other = (await capture({ nickname: { text: "x" } })).id;
    expect(await listed("customFields.shoeSize = 27")).toEqual([id]);
    expect(await listed("custom_fields.shoe_size = 27")).toEqual([id]);
    expect(await listed('customFields.mobile = "139 1234 5678"')).toEqual([id]);
    const blue = await listed('customFields.colours:"blue"');
    expect(blue).toContain(id);
    expect(blue).not.toContain(other);
    expect(await listed("customFields.nickname:*")).toContain(other);
    expect(await listed("customFields.nickname:*")).not.toContain(id);
    await update(id, { shoeSize: { number: 28 } });
    expect(await listed("customFields.shoeSize = 27")).toEqual([]);
  });

  it("shows nobody's records but those that the caller sees", async () => {
    const { id } = await capture({ shoeSize: { number: 29 } });
    const stranger = under.client(LeadServiceService, {
      actor: newId("user"),
      teams: [],
      grants: { "leads.read": "own" },
    });
    expect(await listed("customFields.shoeSize = 29")).toEqual([id]);
    expect(await listed("customFields.shoeSize = 29", {}, stranger)).toEqual([]);
  });

  it("is ordered by a sortable field, page by page, those without a value at its low end", async () => {
    const names = under.client(LeadServiceService, { tenant: under.tenant });
    await Promise.all([31, 33, 32, 35, 34].map((number) => capture({ shoeSize: { number } })));
    const walk = async (orderBy: string) => {
      const sizes: (number | undefined)[] = [];
      for (let pageToken = ""; ; ) {
        const page = await names.listLeads(ListLeadsRequest.fromPartial({ orderBy, pageSize: 3, pageToken }));
        sizes.push(...page.leads.map(({ customFields }) => customFields["shoeSize"]?.number));
        pageToken = page.nextPageToken;
        if (pageToken === "") return sizes;
      }
    };
    const up = await walk("customFields.shoeSize");
    const given = up.filter((size) => size !== undefined);
    expect(up.slice(0, up.length - given.length).every((size) => size === undefined)).toBe(true);
    expect(given).toEqual(given.toSorted((a, b) => a - b));
    expect(given.length).toBeGreaterThanOrEqual(5);
    expect(await walk("customFields.shoeSize desc")).toEqual(up.toReversed());
  });

  it("refuses what no index serves, and fields that the caller knows nothing of", async () => {
    const told = async (filter: string, orderBy = "") => (await refusal(listed(filter, { orderBy }))).reason;
    expect(await told("customFields.shoeSize = 27", "name")).toBe("FILTER_TOO_COSTLY");
    expect(await told("customFields.shoeSize > 27")).toBe("INVALID_FILTER");
    expect(await told("", "customFields.nickname")).toBe("INVALID_ORDER");
    expect(await told("customFields.margin = 1")).toBe("INVALID_FILTER");
    expect(await told("customFields.unheardOf = 1")).toBe("INVALID_FILTER");
  });
});
