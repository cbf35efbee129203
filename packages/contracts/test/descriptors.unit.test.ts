import { type DescMessage, type DescMethod, fromBinary, toJson } from "@bufbuild/protobuf";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import {
  descriptorSet,
  fieldBehavior,
  fieldRules,
  httpRule,
  methodRules,
  registry,
  resourceRules,
} from "@keynode/contracts/descriptors";
import { documentation } from "@keynode/contracts/documentation";
import { describe, expect, it } from "vitest";

const message = (name: string): DescMessage => {
  const found = registry().getMessage(name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
};
const method = (service: string, name: string): DescMethod => {
  const found = registry()
    .getService(service)
    ?.methods.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no method ${service}/${name}`);
  return found;
};
const field = (type: string, name: string) => {
  const found = message(type).fields.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no field ${type}.${name}`);
  return found;
};

describe("the descriptor set", () => {
  it("holds every import, so that it can be read alone", () => {
    expect(descriptorSet().length).toBeGreaterThan(100_000);
    expect(registry().getMessage("google.rpc.Status")).toBeDefined();
    expect(registry().getExtension("buf.validate.field")).toBeDefined();
  });

  it("tells a method's rules", () => {
    expect(methodRules(method("crm.lead.v1.LeadService", "ConvertLead"))).toEqual({
      permission: "leads.convert",
      effect: "WRITE",
      public: false,
      internal: false,
      serviceField: "",
      collectionField: "",
      everyService: false,
      tool: true,
    });
    expect(methodRules(method("crm.identity.v1.AuthService", "SignIn"))).toMatchObject({
      permission: "",
      effect: "CREDENTIAL",
      public: true,
    });
    expect(methodRules(method("crm.contract.v1.PurchaseService", "ListPurchases"))?.profile).toEqual({
      section: "purchases",
      accountField: "accountId",
    });
    expect(methodRules(method("crm.chassis.v1.DeadLetterService", "ReplayDeadLetter"))?.serviceField).toBe("service");
  });

  it("tells how a method is reached", () => {
    expect(httpRule(method("crm.lead.v1.LeadService", "UpdateLead"))).toEqual({
      verb: "PATCH",
      path: "/v1/leads/{lead.id}",
      body: "lead",
      responseBody: "",
      additional: [],
    });
    expect(httpRule(method("crm.chassis.v1.JournalService", "ReadJournal"))).toBeUndefined();
  });

  it("tells a resource's and a field's rules", () => {
    expect(resourceRules(message("crm.account.v1.Contact"))).toEqual({
      type: "contact",
      collection: "contacts",
      ownership: "PARENT",
      parentFields: ["account_id"],
    });
    expect(resourceRules(message("crm.account.v1.ListKeyNodesRequest"))).toBeUndefined();
    expect(fieldRules(field("crm.lead.v1.Lead", "email"))).toEqual({ personal: true, sensitive: true, mask: "EMAIL" });
    expect(fieldRules(field("crm.lead.v1.Lead", "company"))).toEqual({ personal: false, sensitive: false });
    expect(fieldBehavior(field("crm.lead.v1.Lead", "owner_id"))).toEqual(["OPTIONAL", "IMMUTABLE"]);
    expect(fieldBehavior(field("crm.lead.v1.LeadCaptured", "lead"))).toEqual([]);
  });

  it("tells what the contract says, paragraphs kept", () => {
    const [first, second] = documentation(method("crm.lead.v1.LeadService", "ReopenLead")).split("\n\n");
    expect(first).toMatch(/^Takes a lead that was given up back to WORKING\./);
    expect(second).toMatch(/^Refused with LEAD_CONVERTED /);
    expect(documentation(message("google.type.Money"))).toBe("");
  });
});

describe("a generated message", () => {
  it("means to the descriptors what it meant to the code that wrote it", () => {
    const written = Opportunity.fromPartial({
      id: "opportunity_01jz8m3k5qf7x9v2t4w6y8a0bc",
      status: "WON",
      amount: { currencyCode: "CNY", units: 9_007_199_254_740_993n, nanos: 500_000_000 },
      probability: 0,
      expectedCloseDate: { year: 2017, month: 3, day: 1 },
      createTime: new Date("2026-03-01T08:00:00.123Z"),
      productIds: ["product_01jz8m3k5qf7x9v2t4w6y8a0bc"],
      close: { outcome: "WON", reason: "CONTRACT_SIGNED" },
    });
    const bytes = Opportunity.encode(written).finish();
    const schema = message("crm.opportunity.v1.Opportunity");
    expect(toJson(schema, fromBinary(schema, bytes))).toEqual({
      id: "opportunity_01jz8m3k5qf7x9v2t4w6y8a0bc",
      status: "WON",
      amount: { currencyCode: "CNY", units: "9007199254740993", nanos: 500_000_000 },
      probability: 0,
      expectedCloseDate: { year: 2017, month: 3, day: 1 },
      createTime: "2026-03-01T08:00:00.123Z",
      productIds: ["product_01jz8m3k5qf7x9v2t4w6y8a0bc"],
      close: { outcome: "WON", reason: "CONTRACT_SIGNED" },
    });
    expect(Opportunity.decode(bytes)).toEqual(written);
  });
});
