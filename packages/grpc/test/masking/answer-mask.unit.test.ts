import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { Grants } from "@keynode/auth/principal";
import { reachOf } from "@keynode/auth/access";
import { noTeams } from "@keynode/auth/team-tree";
import { fieldRules, methodRules } from "@keynode/contracts/descriptors";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import type { Locale } from "@keynode/decider/error-table";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Call } from "../../src/call.ts";
import { answerMask } from "../../src/masking/answer-mask.ts";
import { planCompiler } from "../../src/masking/message-plan.ts";
import { withOwnership } from "../../src/masking/record-ownership.ts";
import { principal } from "../fixture.ts";
import { contractMethods } from "./contract-codecs.ts";

const callAs = (grants: Grants, actor = "user_1"): Call => {
  const caller = principal(grants, { actor });
  return {
    tenant: caller.tenant,
    principal: caller,
    actor,
    scope: "all",
    visibility: { kind: "all" },
    within: reachOf(caller, noTeams),
    method: "crm.lead.v1.LeadService/GetLead",
    locale: "en" satisfies Locale,
    deadline: new Date(8.64e15),
    signal: new AbortController().signal,
    requestId: undefined,
    origin: {},
    clientAddress: undefined,
    clientDevice: undefined,
    idempotencyKey: undefined,
    ifMatch: undefined,
    requestHash: "",
    traceparent: undefined,
    consistency: undefined,
    wrote: () => undefined,
    validateOnly: false,
    itemRefusals: new Map(),
    retiredValues: [],
    named: undefined,
  };
};

const plans = planCompiler();
const methods = await contractMethods();
const bearing = methods.flatMap(({ described, codec }) => {
  const plan = methodRules(described)?.effect === "CREDENTIAL" ? undefined : plans(described.output);
  return plan === undefined ? [] : [{ name: codec.path, described, codec, mask: answerMask(plan, "outside") }];
});

/**
 * A message in which everything is set, its sensitive texts to values that are found again, lists and maps with two
 * items. Of a oneof's alternatives each item has another sensitive one.
 */
const filled = (desc: DescMessage, next: () => string, values: string[], depth = 0, turn = 0): Message => {
  const message = create(desc);
  const shown: ReflectMessage = reflect(desc, message);
  for (const field of desc.fields) {
    if (field.oneof !== undefined && field !== alternative(field.oneof, turn)) continue;
    const { sensitive, mask } = fieldRules(field);
    if (sensitive) {
      const value = mask === "PHONE" ? `+86139${next()}` : mask === "EMAIL" ? `q${next()}@acme.example` : `q${next()}`;
      values.push(value);
      shown.set(field, (field.scalar === ScalarType.BYTES ? Buffer.from(value) : value) as never);
    } else if (field.name === "owner_id") shown.set(field, "user_other" as never);
    else if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) shown.set(field, "plain" as never);
    else if (isMessages(field) && depth < 5) {
      const part = (each: number) => reflect(field.message, filled(field.message, next, values, depth + 1, each));
      if (field.fieldKind === "message") shown.set(field, part(turn));
      else if (field.fieldKind === "map") for (const each of [0, 1]) shown.get(field).set(`key${each}`, part(each));
      else for (const each of [0, 1]) shown.get(field).add(part(each));
    }
  }
  return message;
};

const alternative = ({ fields }: DescOneof, turn: number): DescField | undefined => {
  const sensitive = fields.filter((field) => fieldRules(field).sensitive);
  return sensitive.length > 0 ? sensitive[turn % sensitive.length] : fields[0];
};

const isMessages = (
  field: DescField,
): field is DescField & { message: DescMessage } & (
    | { fieldKind: "message" }
    | { fieldKind: "list"; listKind: "message" }
    | { fieldKind: "map"; mapKind: "message" }
  ) => field.message !== undefined;

describe("every answer of the contract that can hold sensitive values", () => {
  it("is known: leads, customers, people and what embeds them", () => {
    const names = bearing.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "/crm.lead.v1.LeadService/GetLead",
        "/crm.lead.v1.LeadService/ListLeads",
        "/crm.lead.v1.LeadService/BatchCreateLeads",
        "/crm.lead.v1.LeadService/QualifyLead",
        "/crm.account.v1.ContactService/UpdateContact",
        "/crm.identity.v1.UserService/ListUsers",
        "/crm.chassis.v1.JournalService/ReadJournal",
      ]),
    );
  });

  it.each(bearing)("$name shows no value to a caller without the right", ({ described, codec, mask }) => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 15n, max: 10n ** 16n }), (seed) => {
        let count = 0n;
        const values: string[] = [];
        const bytes = toBinary(
          described.output,
          filled(described.output, () => String(seed + 7919n * count++), values),
        );
        const answer = codec.responseDeserialize(Buffer.from(bytes)) as object;
        const before = codec.responseSerialize(answer as never);
        const { message } = mask(answer, callAs({}), false);
        const masked = codec.responseSerialize(message as never).toString("latin1");
        expect(values.length).toBeGreaterThan(0);
        expect(values.filter((value) => before.toString("latin1").includes(value))).toEqual(values);
        expect(values.filter((value) => masked.includes(value))).toEqual([]);
        expect(codec.responseSerialize(answer as never)).toEqual(before);
      }),
      { numRuns: 5 },
    );
  });
});

describe("a record's sensitive values", () => {
  const lead = (fields: Partial<Lead> = {}) =>
    Lead.fromPartial({ id: "lead_1", ownerId: "user_2", teamId: "team_2", phone: "+8613812340000", ...fields });
  const page = (...leads: Lead[]) => ({ leads, nextPageToken: "t" });
  const list = bearing.find(({ name }) => name.endsWith("/ListLeads"));
  if (list === undefined) throw new Error("ListLeads is not there");
  const shownTo = (grants: Grants, answer: object, { actor = "user_1", told = false } = {}) =>
    list.mask(answer, callAs(grants, actor), told);
  const phones = (answer: object) => (answer as { leads: Lead[] }).leads.map(({ phone }) => phone);

  it("are shown with the scope `all`, the message being passed on as it is", () => {
    const answer = page(lead());
    expect(shownTo({ "*": "all" }, answer).message).toBe(answer);
  });

  it("are shown with the scope `own` of own records only", () => {
    const answer = page(lead({ ownerId: "user_1" }), lead());
    expect(phones(shownTo({ "leads.*": "own" }, answer).message)).toEqual(["+8613812340000", "+86138****0000"]);
  });

  it("are shown with the scope `team` of the teams' records and own ones", () => {
    const answer = page(lead({ teamId: "team_1" }), lead({ ownerId: "user_1" }), lead());
    expect(phones(shownTo({ "leads.readSensitive": "team" }, answer).message)).toEqual([
      "+8613812340000",
      "+8613812340000",
      "+86138****0000",
    ]);
  });

  it("need the right to their own collection", () => {
    expect(phones(shownTo({ "leads.read": "all", "contacts.*": "all" }, page(lead())).message)).toEqual([
      "+86138****0000",
    ]);
  });

  it("are shown of the caller's own record", () => {
    const answer = page(lead({ id: "user_1" }));
    expect(phones(shownTo({}, answer).message)).toEqual(["+8613812340000"]);
    expect(shownTo({ "*": "all" }, answer, { told: true }).reads).toEqual([]);
  });

  it("are shown of a record whose owner a read mask took away as of the whole record", () => {
    const part = withOwnership(lead({ ownerId: "", teamId: "" }), lead({ ownerId: "user_1" }));
    expect(phones(shownTo({ "leads.*": "own" }, page(part)).message)).toEqual(["+8613812340000"]);
  });

  it("leave everything else as it is", () => {
    const { message } = shownTo({}, page(lead({ name: "王芳", company: "Acme" })));
    expect(message).toEqual(page(lead({ name: "王芳", company: "Acme", phone: "+86138****0000" })));
  });

  it("are told of by collection, records and fields where they are shown, and only there", () => {
    const answer = page(
      lead({ id: "lead_1", ownerId: "user_1", email: "w@acme.example" }),
      lead({ id: "lead_2" }),
      lead({ id: "lead_3", ownerId: "user_1" }),
      lead({ id: "lead_4", ownerId: "user_1", phone: "" }),
    );
    expect(shownTo({ "leads.*": "own" }, answer, { told: true }).reads).toEqual([
      { collection: "leads", recordIds: ["lead_1", "lead_3"], fields: ["email", "phone"], count: 2 },
    ]);
    expect(shownTo({ "*": "all" }, answer, { told: true }).reads).toMatchObject([{ count: 3 }]);
    expect(shownTo({}, answer, { told: true }).reads).toEqual([]);
  });

  it("that are secrets are left out for everybody, but by what hands them out", () => {
    const [made] = methods.filter(({ described }) => described.name === "CreateApiKey");
    if (made === undefined) throw new Error("CreateApiKey is not there");
    const answer = { apiKey: undefined, secret: "kn_secret" };
    const { output } = made.described;
    const shownBy = (handsOut: boolean) => {
      const plan = planCompiler({ handsOut })(output);
      return plan === undefined ? answer : answerMask(plan, "apiKeys")(answer, callAs({ "*": "all" }), true).message;
    };
    expect(shownBy(false)).toEqual({ apiKey: undefined, secret: "" });
    expect(shownBy(true)).toBe(answer);
  });

  it("are nobody's to be told of when a service reads them", () => {
    expect(shownTo({ "*": "all" }, page(lead()), { actor: "service:account", told: true }).reads).toEqual([]);
  });
});
