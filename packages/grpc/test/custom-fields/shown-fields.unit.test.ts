import { reachOf } from "@keynode/auth/access";
import { noTeams } from "@keynode/auth/team-tree";
import { registry } from "@keynode/contracts/descriptors";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { fieldSetOf, type FieldSource } from "@keynode/fields/field-set";
import { valueOf } from "@keynode/fields/kinds";
import { describe, expect, it } from "vitest";
import { fieldPlanOf } from "../../src/custom-fields/field-plan.ts";
import { fieldsOfAnswers, fieldsOfEvents } from "../../src/custom-fields/shown-fields.ts";
import { principal } from "../fixture.ts";

const page = registry().getMessage("crm.lead.v1.ListLeadsResponse");
const plan = page && fieldPlanOf(page);
if (plan === undefined) throw new Error("a page of leads has no custom fields");

const sourceOf = (...definitions: Parameters<typeof CustomField.fromPartial>[0][]): FieldSource => {
  const set = fieldSetOf(
    definitions.map((each) => CustomField.fromPartial({ collection: "leads", kind: "TEXT", ...each })),
  );
  return { of: async () => set, knowing: async () => set };
};
const caller = (actor = "user_1", roles: string[] = []) => {
  const who = principal({ "leads.*": "all" }, { actor, roles });
  return { tenant: who.tenant, principal: who, actor, within: reachOf(who, noTeams) };
};
const answer = (values: Record<string, string>) => {
  const customFields = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, valueOf("TEXT", text)]));
  return { leads: [Lead.fromPartial({ id: "lead_1", customFields })], nextPageToken: "" };
};
const keysIn = (message: object): string[] =>
  (message as ReturnType<typeof answer>).leads.flatMap(({ customFields }) => Object.keys(customFields));

describe.each([
  ["answers", fieldsOfAnswers],
  ["events", fieldsOfEvents],
])("custom values in %s", (_what, fieldsOf) => {
  it("of deleted fields are shown to nobody, be other fields left or none", async () => {
    const given = answer({ note: "kept", gone: "deleted" });
    expect(keysIn(await fieldsOf(plan, sourceOf({ key: "note" }))(given, caller()))).toEqual(["note"]);
    expect(keysIn(await fieldsOf(plan, sourceOf())(given, caller()))).toEqual([]);
    expect(keysIn(given)).toEqual(["note", "gone"]);
  });

  it("are shown to those whose roles may read them, and to services as they are kept", async () => {
    const given = answer({ note: "kept" });
    const shown = fieldsOf(plan, sourceOf({ key: "note", readerRoleIds: ["role_1"] }));
    expect(keysIn(await shown(given, caller()))).toEqual([]);
    expect(keysIn(await shown(given, caller("user_1", ["role_1"])))).toEqual(["note"]);
    expect(await shown(given, caller("service:account"))).toBe(given);
  });

  it("cost nothing where a record has none", async () => {
    const given = answer({});
    expect(await fieldsOf(plan, sourceOf())(given, caller())).toBe(given);
  });
});
