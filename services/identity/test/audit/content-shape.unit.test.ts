import { registry } from "@keynode/contracts/descriptors";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadCaptured } from "@keynode/contracts/crm/lead/v1/lead_events";
import { describe, expect, it } from "vitest";
import { contentDigests, filledFields, opaque, shapeName, shapeOf } from "../../src/audit/content-shape.ts";

const captured = registry().getMessage("crm.lead.v1.LeadCaptured");
if (captured === undefined) throw new Error("no such event");
const shape = shapeOf(captured);
const encoded = (lead: Partial<Lead>): Uint8Array =>
  LeadCaptured.encode(LeadCaptured.fromPartial({ snapshot: Lead.fromPartial(lead) })).finish();
const base: Partial<Lead> = { id: "lead_1", name: "王芳", phone: "+8613800138000", company: "Acme", status: "NEW" };
const of = (lead: Partial<Lead>) => {
  const { plain, personal } = contentDigests(encoded(lead), shape);
  return { plain, personal: personal("salt") };
};

describe("the digests of an event's content", () => {
  const before = of(base);
  it("tell a changed personal value in the personal one only", () => {
    for (const change of [{ name: "李四" }, { phone: "+8613900139000" }, { name: "", phone: "", email: "" }]) {
      const after = of({ ...base, ...change });
      expect(after.plain).toBe(before.plain);
      expect(after.personal).not.toBe(before.personal);
    }
  });
  it("tell any other changed value in the plain one only", () => {
    for (const change of [{ company: "Acme 2" }, { status: "QUALIFIED" as const }, { ownerId: "user_1" }]) {
      const after = of({ ...base, ...change });
      expect(after.plain).not.toBe(before.plain);
      expect(after.personal).toBe(before.personal);
    }
  });
  it("count the values of custom fields among the personal ones, so that erasing them leaves the plain one", () => {
    const custom = (text: string) => of({ ...base, customFields: { nickname: { choices: [], text } } });
    expect(custom("Fang").plain).toBe(before.plain);
    expect(custom("Fang").personal).not.toBe(before.personal);
    expect(custom("Fang").personal).not.toBe(custom("Ming").personal);
  });
  it("depend, for personal values, on the salt", () => {
    const { personal } = contentDigests(encoded(base), shape);
    expect(personal("one")).not.toBe(personal("other"));
  });
  it("do not depend on the order of fields of different numbers", () => {
    const [name, company] = [encoded({ name: "王芳" }), encoded({ company: "Acme" })];
    // Two parts of one message side by side are one message.
    const [one, other] = [Buffer.concat([name, company]), Buffer.concat([company, name])];
    expect(contentDigests(one, opaque).personal("s")).not.toBe(contentDigests(other, opaque).personal("s"));
    const [inner, outer] = [Buffer.from([0x0a, 1, 65, 0x12, 1, 66]), Buffer.from([0x12, 1, 66, 0x0a, 1, 65])];
    expect(contentDigests(inner, { 1: true }).plain).toBe(contentDigests(outer, { 1: true }).plain);
    expect(contentDigests(inner, { 1: true }).personal("s")).toBe(contentDigests(outer, { 1: true }).personal("s"));
  });
  it("take a field that is not known for a personal one, and what cannot be read as a whole", () => {
    const unknown = Buffer.concat([encoded(base), Buffer.from([0xfa, 0x07, 1, 65])]);
    const { plain, personal } = contentDigests(unknown, shape);
    expect(plain).toBe(before.plain);
    expect(personal("salt")).not.toBe(before.personal);
    const torn = encoded(base).subarray(0, 5);
    expect(contentDigests(torn, shape).plain).toBe(contentDigests(new Uint8Array(), shape).plain);
    expect(contentDigests(torn, shape).personal("s")).not.toBe(contentDigests(new Uint8Array(), shape).personal("s"));
  });
});

it("a shape answers to no other name than its own", () => {
  expect(shapeName(shape)).not.toBe(shapeName({ ...shape, 15: true }));
  expect(shapeName(JSON.parse(JSON.stringify(shape)))).toBe(shapeName(shape));
});

it("the fields that a snapshot fills are known by their numbers", () => {
  const numbers = Lead.fromPartial({}) && filledFields(encoded({ id: "lead_1", company: "Acme" }), 15);
  const names = registry()
    .getMessage("crm.lead.v1.Lead")
    ?.fields.filter(({ number }) => numbers.has(number));
  expect(names?.map(({ jsonName }) => jsonName)).toEqual(expect.arrayContaining(["id", "company"]));
  expect(names?.map(({ jsonName }) => jsonName)).not.toContain("name");
  expect(filledFields(new Uint8Array(), 15)).toEqual(new Set());
});
