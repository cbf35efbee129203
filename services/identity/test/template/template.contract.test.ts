import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { CustomFieldServiceService } from "@keynode/contracts/crm/identity/v1/custom_field_service";
import { Form, type ResolvedForm } from "@keynode/contracts/crm/identity/v1/form";
import { FormServiceService } from "@keynode/contracts/crm/identity/v1/form_service";
import type { TemplateApplication } from "@keynode/contracts/crm/identity/v1/template_application";
import { TemplateApplicationServiceService } from "@keynode/contracts/crm/identity/v1/template_application_service";
import { ListTemplatesRequest, TemplateServiceService } from "@keynode/contracts/crm/identity/v1/template_service";
import { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import {
  ListVocabulariesRequest,
  VocabularyServiceService,
} from "@keynode/contracts/crm/identity/v1/vocabulary_service";
import { SavedViewCreated } from "@keynode/contracts/crm/integration/v1/saved_view_events";
import { PipelineCreated } from "@keynode/contracts/crm/opportunity/v1/pipeline_events";
import type { Principal } from "@keynode/auth/principal";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { refusal, startIdentity, stranger } from "../start.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startIdentity();
});

/** An administrator of a tenant of its own, with clients for all that templates touch. */
const newTenant = (more: Partial<Principal> = {}) => {
  const principal = stranger(more);
  return {
    principal,
    templates: under.client(TemplateServiceService, principal),
    applications: under.client(TemplateApplicationServiceService, principal),
    fields: under.client(CustomFieldServiceService, principal),
    forms: under.client(FormServiceService, principal),
    vocabularies: under.client(VocabularyServiceService, principal),
  };
};
type Tenant = ReturnType<typeof newTenant>;

const outcomes = ({ parts }: Pick<TemplateApplication, "parts">, kind: string) =>
  Object.fromEntries(parts.filter((part) => part.kind === kind).map(({ key, outcome }) => [key, outcome]));

/** What other services tell of the pipelines and views that a template waits for. */
const madeElsewhere = ({ principal: { tenant } }: Tenant, { parts }: TemplateApplication) =>
  parts.flatMap(({ kind, recordId }) => {
    const common = { tenant, recordId, version: 1, index: 0, count: 1 };
    if (kind === "PIPELINE") {
      const message = PipelineCreated.fromPartial({});
      const event = { ...common, context: "opportunity", kind: "pipeline", type: "PipelineCreated" } as const;
      return [under.event({ ...event, codec: PipelineCreated, message })];
    }
    if (kind !== "SAVED_VIEW") return [];
    const message = SavedViewCreated.fromPartial({});
    const event = { ...common, context: "integration", kind: "view", type: "SavedViewCreated" } as const;
    return [under.event({ ...event, codec: SavedViewCreated, message })];
  });

/** The application once this service has made its parts. */
const ownPartsMade = async ({ applications }: Tenant, id: string): Promise<TemplateApplication> => {
  let latest: TemplateApplication | undefined;
  await expect
    .poll(
      async () => {
        latest = await applications.getTemplateApplication({ id });
        const own = latest.parts.filter(({ kind }) => kind !== "PIPELINE" && kind !== "SAVED_VIEW");
        return own.filter(({ outcome }) => outcome === "PENDING");
      },
      { timeout: 15_000 },
    )
    .toEqual([]);
  if (latest === undefined) throw new Error("no application");
  return latest;
};

const entriesOf = ({ sections }: ResolvedForm) =>
  new Map(sections.flatMap(({ entries }) => entries.map((entry) => [entry.field, entry] as const)));

test("the templates are listed and shown whole", async () => {
  const { templates } = newTenant();
  const listed = await templates.listTemplates(ListTemplatesRequest.fromPartial({}));
  expect(listed.templates.map(({ key }) => key)).toEqual(["retail", "services", "software"]);
  expect((await templates.getTemplate({ key: "retail" })).displayName).toEqual({ en: "Retail", zh: "零售" });
  expect(await refusal(templates.getTemplate({ key: "bakery" }))).toMatchObject({ reason: "TEMPLATE_NOT_FOUND" });
});

test("a template is previewed, applied, completed by the other services, and applied again without a change", async () => {
  const tenant = newTenant();
  const preview = await tenant.templates.previewTemplate({ key: "retail" });
  expect(new Set(preview.parts.map(({ outcome }) => outcome))).toEqual(new Set(["PENDING"]));

  const { id } = await tenant.templates.applyTemplate({ key: "retail" });
  const own = await ownPartsMade(tenant, id);
  expect(own.state).toBe("APPLYING");
  expect(outcomes(own, "CUSTOM_FIELD")).toMatchObject({ "accounts/memberLevel": "CREATED" });
  expect(outcomes(own, "FORM")).toEqual({ accounts: "CREATED", leads: "CREATED", cases: "CREATED" });
  expect(outcomes(own, "PIPELINE")).toEqual({ groupPurchase: "PENDING" });

  await under.publish(...madeElsewhere(tenant, own));
  const complete = await tenant.applications.getTemplateApplication({ id });
  expect(complete).toMatchObject({ state: "COMPLETE", templateKey: "retail", revision: 1 });
  expect(complete.completeTime).toBeInstanceOf(Date);
  expect(await tenant.templates.applyTemplate({ key: "retail" })).toEqual(complete);
});

test("what the tenant has is kept, and what does not fit is told and left alone", async () => {
  const tenant = newTenant();
  const own = CustomField.fromPartial({
    collection: "accounts",
    key: "memberLevel",
    kind: "TEXT",
    displayName: { en: "Level", zh: "级别" },
  });
  const { id: fieldId } = await tenant.fields.createCustomField({ customField: own });
  const sections = [{ displayName: { en: "Mine", zh: "我的" }, entries: [{ field: "name" }] }];
  await tenant.forms.createForm({ form: Form.fromPartial({ collection: "leads", sections: sections as never }) });
  const { vocabularies } = await tenant.vocabularies.listVocabularies(
    ListVocabulariesRequest.fromPartial({ filter: 'key = "keyNodeKind"' }),
  );
  const [kinds] = vocabularies;
  if (kinds === undefined) throw new Error("no kinds");
  const mine = { key: "fitting", displayName: { en: "Trying on", zh: "试衣" }, color: "", retired: true };
  await tenant.vocabularies.updateVocabulary({
    vocabulary: Vocabulary.fromPartial({ id: kinds.id, values: [...kinds.values, mine] }),
    updateMask: ["values"],
  });

  const { parts } = await tenant.templates.previewTemplate({ key: "retail" });
  const conflicts = parts.filter(({ outcome }) => outcome === "CONFLICT");
  expect(conflicts.map(({ key, reason }) => [key, reason])).toEqual([
    ["accounts/memberLevel", "KIND_DIFFERS"],
    ["leads", "FORM_EXISTS"],
  ]);
  expect(outcomes({ parts }, "VOCABULARY_VALUE")).toMatchObject({ "keyNodeKind/fitting": "KEPT" });

  const { id } = await tenant.templates.applyTemplate({ key: "retail" });
  const made = await ownPartsMade(tenant, id);
  expect(made.parts.filter(({ outcome }) => outcome === "CONFLICT")).toEqual(conflicts);
  expect((await tenant.fields.getCustomField({ id: fieldId })).kind).toBe("TEXT");
  const { values } = await tenant.vocabularies.getVocabulary({ id: kinds.id });
  expect(values.find(({ key }) => key === "fitting")).toEqual(mine);
  expect(values.map(({ key }) => key)).toContain("membershipJoined");
});

test("what the tenant takes away after a template stays away when it is applied again", async () => {
  const tenant = newTenant();
  const { id } = await tenant.templates.applyTemplate({ key: "services" });
  const { parts } = await ownPartsMade(tenant, id);
  const field = parts.find(({ key }) => key === "leads/serviceLine");
  if (field === undefined) throw new Error("no such part");
  await tenant.fields.deleteCustomField({ id: field.recordId, etag: "" });
  await tenant.templates.applyTemplate({ key: "services" });
  await ownPartsMade(tenant, id);
  expect((await tenant.fields.getCustomField({ id: field.recordId })).deleteTime).toBeInstanceOf(Date);
});

test("the form that was resolved shows the template's fields in the caller's language, and those made since", async () => {
  const tenant = newTenant();
  const { id } = await tenant.templates.applyTemplate({ key: "retail" });
  await ownPartsMade(tenant, id);
  await tenant.fields.createCustomField({
    customField: CustomField.fromPartial({
      collection: "accounts",
      key: "shoeSize",
      kind: "NUMBER",
      min: 15,
      displayName: { en: "Shoe size", zh: "鞋码" },
    }),
  });
  const form = await tenant.forms.resolveForm({ collection: "accounts", status: "" });
  const entries = entriesOf(form);
  expect(form.sections.map(({ name }) => name)).toEqual(["Customer", "Membership", "Taste", "More"]);
  expect(entries.get("customFields.shoeSize")).toMatchObject({ kind: "NUMBER", name: "Shoe size", min: 15 });
  expect(entries.get("customFields.clothingSize")).toMatchObject({ kind: "CHOICE", vocabulary: "clothingSize" });
  expect(entries.get("customFields.clothingSize")?.choices.map(({ value }) => value)).toContain("xl");
  expect(entries.get("name")).toMatchObject({ required: true, readOnly: false });
});

test("a form leaves out what its reader may not see, and lets nobody change what they may only read", async () => {
  const tenant = newTenant();
  const { id } = await tenant.templates.applyTemplate({ key: "retail" });
  await ownPartsMade(tenant, id);
  const grants = { "recordForms.resolve": "all", "accounts.read": "all" } as const;
  const reader = newTenant({ tenant: tenant.principal.tenant, grants });
  const entries = entriesOf(await reader.forms.resolveForm({ collection: "accounts", status: "" }));
  expect(entries.has("customFields.birthday")).toBe(false);
  expect(entries.get("phone")).toMatchObject({ masked: true });
  expect([...entries.values()].filter(({ readOnly }) => !readOnly)).toEqual([]);
  expect(await refusal(reader.forms.resolveForm({ collection: "leads", status: "" }))).toMatchObject({
    reason: "PERMISSION_DENIED",
  });
});

test("a form shows a field in the statuses it is for, and names every field that there is not", async () => {
  const tenant = newTenant();
  const sections = [
    {
      displayName: { en: "Person", zh: "个人" },
      entries: [{ field: "name" }, { field: "nextStep", statuses: ["WORKING"] }],
    },
  ];
  const form = (more: object) => Form.fromPartial({ collection: "leads", ...more } as never);
  const made = await tenant.forms.createForm({ form: form({ sections }) });
  const shown = async (status: string) => [
    ...entriesOf(await tenant.forms.resolveForm({ collection: "leads", status })).keys(),
  ];
  expect(await shown("NEW")).toEqual(["name"]);
  expect(await shown("WORKING")).toEqual(["name", "nextStep"]);
  await tenant.forms.deleteForm({ id: made.id, etag: "" });
  expect(await shown("NEW")).toContain("company");

  const wrong = [
    { displayName: { en: "A", zh: "甲" }, entries: [{ field: "nane" }, { field: "name" }, { field: "name" }] },
  ];
  expect(
    await refusal(tenant.forms.createForm({ form: form({ collection: "accounts", sections: wrong }) })),
  ).toMatchObject({
    reason: "FORM_INVALID",
    fields: ["form.sections[0].entries[0].field", "form.sections[0].entries[2].field"],
  });
});

test("whoever may change only a part of the tenant applies no template", async () => {
  const { templates } = newTenant({ grants: { "templates.*": "team" } });
  expect(await refusal(templates.applyTemplate({ key: "retail" }))).toMatchObject({ reason: "PERMISSION_DENIED" });
  expect(await refusal(templates.previewTemplate({ key: "retail" }))).toMatchObject({ reason: "PERMISSION_DENIED" });
});
