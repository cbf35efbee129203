import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { Form } from "@keynode/contracts/crm/identity/v1/form";
import type { Template } from "@keynode/contracts/crm/identity/v1/template";
import type { TemplateApplication_Part } from "@keynode/contracts/crm/identity/v1/template_application";
import type { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";

/** What a tenant has of the things that templates make, deleted ones included. */
export type TemplateFacts = {
  /** By their keys; those of the platform too. */
  readonly vocabularies: ReadonlyMap<string, Vocabulary>;
  /** By collection and key: `contacts/shoeSize`. */
  readonly customFields: ReadonlyMap<string, CustomField>;
  /** By their collections. */
  readonly forms: ReadonlyMap<string, Form>;
  /** Ids of pipelines and saved views that have been made. */
  readonly made: ReadonlySet<string>;
};

/** Ids that follow from the tenant and the template, so that applying it twice makes nothing twice. */
export type TemplateIds = {
  vocabulary(key: string): string;
  customField(collection: string, key: string): string;
  form(collection: string): string;
  pipeline(key: string): string;
  view(key: string): string;
};

/** How each part of a template stands in a tenant: what is to be made, what is there, and what does not fit. */
export const standingOf = (template: Template, facts: TemplateFacts, ids: TemplateIds): TemplateApplication_Part[] => [
  ...template.vocabularies.flatMap(({ key, values }) => {
    const known = facts.vocabularies.get(key);
    const there = new Set(known?.values.map((value) => value.key));
    return values.map((value) => {
      // A vocabulary that the tenant has deleted is not brought back value by value.
      const isKept = known?.deleteTime !== undefined || there.has(value.key);
      return part("VOCABULARY_VALUE", `${key}/${value.key}`, ids.vocabulary(key), isKept ? "KEPT" : "PENDING");
    });
  }),
  ...template.customFields.map(({ collection, key, kind }) => {
    const place = `${collection}/${key}`;
    const known = facts.customFields.get(place);
    if (known === undefined) return part("CUSTOM_FIELD", place, ids.customField(collection, key), "PENDING");
    return known.kind === kind
      ? part("CUSTOM_FIELD", place, known.id, "KEPT")
      : part("CUSTOM_FIELD", place, known.id, "CONFLICT", "KIND_DIFFERS");
  }),
  ...template.forms.map(({ collection }) => {
    const known = facts.forms.get(collection);
    return known === undefined
      ? part("FORM", collection, ids.form(collection), "PENDING")
      : part("FORM", collection, known.id, "CONFLICT", "FORM_EXISTS");
  }),
  ...template.pipelines.map(({ key }) => made("PIPELINE", key, ids.pipeline(key), facts)),
  ...template.views.map(({ key }) => made("SAVED_VIEW", key, ids.view(key), facts)),
];

const made = (
  kind: TemplateApplication_Part["kind"],
  key: string,
  recordId: string,
  facts: TemplateFacts,
): TemplateApplication_Part => part(kind, key, recordId, facts.made.has(recordId) ? "CREATED" : "PENDING");

const part = (
  kind: TemplateApplication_Part["kind"],
  key: string,
  recordId: string,
  outcome: TemplateApplication_Part["outcome"],
  reason = "",
): TemplateApplication_Part => ({ kind, key, recordId, outcome, reason });
