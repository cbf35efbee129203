import { newId } from "@keynode/aggregate/type-id";
import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { CustomField, type DeepPartial } from "@keynode/contracts/crm/identity/v1/custom_field";
import { CustomFieldKindChanged } from "@keynode/contracts/crm/identity/v1/custom_field_events";
import {
  CustomValueServiceService,
  ExamineCustomValuesRequest,
} from "@keynode/contracts/crm/identity/v1/custom_value_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadCustomValuesConverted } from "@keynode/contracts/crm/lead/v1/lead_events";
import { LeadServiceService, ListLeadsRequest } from "@keynode/contracts/crm/lead/v1/lead_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
let leads: GrpcClient<typeof LeadServiceService>;
let values: GrpcClient<typeof CustomValueServiceService>;

beforeAll(async () => {
  under = await startForTest(leadService);
  leads = under.client(LeadServiceService);
  values = under.client(CustomValueServiceService, {
    tenant: "*",
    actor: "service:identity",
    grants: { "customValues.read": "all" },
  });
});

type Value = Partial<CustomValue>;
const capture = (key: string, value: Value, client = leads) =>
  client.createLead({
    lead: Lead.fromPartial({
      name: "王芳",
      email: `${newId("mail")}@example.com`,
      customFields: { [key]: value },
    }),
  });
const text = (value: string): Value => ({ text: value });

/** As identity records it: the copy learns of the new definition, and the service that there is work to do. */
const changeKind = async (field: CustomField, change: DeepPartial<CustomField>, version = 2): Promise<CustomField> => {
  const snapshot = CustomField.fromPartial({ ...field, ...change });
  const { kind: toKind, id: recordId } = snapshot;
  const message = CustomFieldKindChanged.fromPartial({
    fromKind: field.kind,
    toKind,
    changeTime: new Date(),
    snapshot,
  });
  const type = "CustomFieldKindChanged";
  const made = { context: "identity", kind: "customfield", type, recordId, version } as const;
  await under.publish(under.event({ ...made, codec: CustomFieldKindChanged, message }));
  return snapshot;
};
const progress = async ({ id: customFieldId }: CustomField) =>
  (await values.getConversion({ tenant: under.tenant, customFieldId })).conversion;
const done = (field: CustomField) =>
  expect.poll(async () => (await progress(field))?.state, { timeout: 15_000 }).toBe("DONE");
const stored = async (id: string, key: string) =>
  (await under.db.collection("leads").findOne({ _id: id as never }))?.["state"].customFields[key];
const found = async (filter: string) =>
  (await leads.listLeads(ListLeadsRequest.fromPartial({ filter }))).leads.map(({ id }) => id);

type Caller = Pick<DeepPartial<ExamineCustomValuesRequest>, "roleIds" | "maskRules"> & {
  grants?: Record<string, string>;
};
const examine = (customField: CustomField, { grants = { "*": "all" }, ...caller }: Caller = {}) =>
  values.examineCustomValues(
    ExamineCustomValuesRequest.fromPartial({
      tenant: under.tenant,
      customField,
      subject: {
        actor: newId("user"),
        grants: Object.entries(grants).map(([permission, scope]) => ({ permission, scope })),
      },
      ...caller,
    }),
  );

describe("a change of a field's kind", () => {
  it("is told beforehand: how many values convert, which do not, and what breaks", async () => {
    const field = await under.field({ collection: "leads", key: "floor", kind: "TEXT" });
    await under.field({
      collection: "leads",
      key: "floorName",
      kind: "FORMULA",
      formula: "'No. ' + customFields.floor",
      formulaKind: "TEXT",
    });
    const [, top] = await Promise.all(["3", "top", "12"].map((floor) => capture("floor", text(floor))));
    const told = await examine({ ...field, kind: "NUMBER" });
    expect(told).toMatchObject({
      valueCount: 3,
      convertibleCount: 2,
      unconvertibleCount: 1,
      truncated: false,
      examples: [{ recordId: top?.id, value: { text: "top" } }],
      brokenFormulas: ["floorName"],
    });
    expect((await leads.getLead({ id: top?.id ?? "" })).customFields["floor"]).toMatchObject({ text: "top" });
  });

  it("tells examples only of records that the caller sees, and as the caller sees them", async () => {
    const field = await under.field({ collection: "leads", key: "hotline", kind: "PHONE" });
    const { id } = await capture("hotline", { phone: "138 0013 0000" });
    const asDay = { ...field, kind: "DATE" } as const;
    const reader = { "leads.read": "all" };
    const maskRules = [{ kind: "PHONE", keepFirst: 0, keepLast: 2, keepPlace: false }];
    const [all, masked, ruled, none] = await Promise.all([
      examine(asDay),
      examine(asDay, { grants: reader }),
      examine(asDay, { grants: reader, maskRules }),
      examine(asDay, { grants: { "leads.read": "own" } }),
    ]);
    expect(all.examples).toMatchObject([{ recordId: id, value: { phone: "+8613800130000" } }]);
    expect(masked.examples).toMatchObject([{ recordId: id, value: { phone: "+86138****0000" } }]);
    expect(ruled.examples).toMatchObject([{ recordId: id, value: { phone: "****00" } }]);
    expect(none).toMatchObject({ valueCount: 1, unconvertibleCount: 1, examples: [] });
    await under.field({ collection: "leads", key: "hotline", kind: "PHONE", readerRoleIds: [newId("role")] }, 2);
    await expect
      .poll(async () => (await examine(asDay)).examples, { timeout: 5_000 })
      .toEqual([{ recordId: id, value: undefined }]);
  });

  it("converts what the new kind can hold, deleted records' values too, keeps the rest, and says so", async () => {
    const field = await under.field({ collection: "leads", key: "rooms", kind: "TEXT" });
    const [three, many, gone] = await Promise.all([
      capture("rooms", text("3")),
      capture("rooms", text("many")),
      capture("rooms", text("4")),
    ]);
    await leads.deleteLead({ id: gone?.id ?? "", etag: "" });
    const changed = await changeKind(field, { kind: "NUMBER" });
    await done(field);
    expect(await progress(field)).toMatchObject({ fromKind: "TEXT", convertedCount: 2, keptCount: 1 });
    expect(await stored(three.id, "rooms")).toMatchObject({ number: 3 });
    expect(await stored(gone.id, "rooms")).toMatchObject({ number: 4 });
    expect(await stored(many.id, "rooms")).toMatchObject({ text: "many" });
    expect((await leads.getLead({ id: many.id })).customFields["rooms"]).toMatchObject({
      text: "many",
      problem: "NOT_CONVERTED",
    });
    expect(await found("customFields.rooms = 3")).toEqual([three.id]);

    const fact = (await under.recorded(three.id)).at(-1);
    expect(fact).toMatchObject({ type: "LeadCustomValuesConverted", actor: "service:lead", version: 2 });
    const { before, changes } = LeadCustomValuesConverted.decode(fact?.data.buffer ?? new Uint8Array());
    expect([before?.customFields["rooms"]?.text, changes?.customFields["rooms"]?.number]).toEqual(["3", 3]);
    expect(await under.recorded(many.id)).toHaveLength(1);
    expect(await examine(changed)).toMatchObject({ valueCount: 3, convertibleCount: 2, unconvertibleCount: 1 });
  });

  it("can be undone by changing it back: what was kept is of the kind again", async () => {
    const field = await under.field({ collection: "leads", key: "budget", kind: "NUMBER" });
    const { id } = await capture("budget", { number: 12.5 });
    const money = await changeKind(field, { kind: "MONEY", currencyCode: "CNY" });
    await done(field);
    expect(await stored(id, "budget")).toMatchObject({ money: { currencyCode: "CNY", units: 12n } });
    await changeKind(money, { kind: "NUMBER", unit: "CNY", currencyCode: "" }, 3);
    await expect.poll(() => stored(id, "budget"), { timeout: 15_000 }).toMatchObject({ number: 12.5 });
  });

  it("goes on where a process died with records in hand, and counts each once", async () => {
    const field = await under.field({ collection: "leads", key: "age", kind: "TEXT" });
    const [one, two, old] = await Promise.all(["1", "2", "old"].map((age) => capture("age", text(age))));
    await under.db.collection<{ _id: string; [part: string]: unknown }>("conversions").insertOne({
      _id: field.id,
      tenant: under.tenant,
      eventId: newId("event"),
      fieldVersion: 2,
      collection: "leads",
      key: "age",
      fromKind: "TEXT",
      toKind: "NUMBER",
      changedAt: new Date(),
      step: 7,
      batch: [one?.id, two?.id],
      convertedCount: 5,
      keptCount: 0,
      waits: 0,
      closed: false,
      wakeAt: new Date(Date.now() + 3_600_000),
    });
    await changeKind(field, { kind: "NUMBER" });
    await expect
      .poll(async () => (await leads.getLead({ id: one?.id ?? "" })).customFields["age"], { timeout: 5_000 })
      .toMatchObject({ number: 1 });
    // It had converted one of the two.
    await leads.updateLead({
      lead: Lead.fromPartial({ id: one?.id ?? "", customFields: { age: { number: 1 } } }),
      updateMask: ["custom_fields.age"],
    });
    const lease = under.db.collection<{ _id: string; [part: string]: unknown }>("conversions");
    await lease.updateOne({ _id: field.id }, { $set: { wakeAt: new Date() } });
    await done(field);
    expect(await progress(field)).toMatchObject({ convertedCount: 7, keptCount: 1 });
    expect(await stored(two?.id ?? "", "age")).toMatchObject({ number: 2 });
    expect(await stored(old?.id ?? "", "age")).toMatchObject({ text: "old" });
  });

  it("is told once, however often its event comes", async () => {
    const field = await under.field({ collection: "leads", key: "steps", kind: "TEXT" });
    const { id } = await capture("steps", text("10"));
    await changeKind(field, { kind: "NUMBER" });
    await changeKind(field, { kind: "NUMBER" });
    await done(field);
    expect(await progress(field)).toMatchObject({ convertedCount: 1, keptCount: 0 });
    expect(await under.recorded(id)).toHaveLength(2);
  });
});

describe("a deletion of a field", () => {
  it("is told beforehand: how many records have a value", async () => {
    const field = await under.field({ collection: "leads", key: "hat", kind: "TEXT" });
    await Promise.all(["a", "b"].map((hat) => capture("hat", text(hat))));
    expect(await examine({ ...field, deleteTime: new Date() })).toMatchObject({
      valueCount: 2,
      convertibleCount: 0,
      unconvertibleCount: 0,
      examples: [],
    });
  });
});
