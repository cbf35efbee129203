import { derivedId } from "@keynode/aggregate/type-id";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";
import { vocabularyIdOf } from "@keynode/runtime/vocabularies/effective";
import type { TemplateFacts, TemplateIds } from "../domain/template-application/standing-of.ts";
import { formIdOf } from "../form.ts";
import type { Stores } from "../stores.ts";
import { vocabulariesOf } from "../vocabularies-of.ts";

/** Pipelines and saved views that other services have made: which of a template's there are is seen here. */
export type MadeCopy = Copy<{ made: object }>;

export const madeElsewhere = defineProjection<{ made: object }>({
  name: "template-records",
  from: { opportunity: ["PipelineCreated"], integration: ["SavedViewCreated"] },
  tables: { made: {} },
  apply: async ({ recordId: id, tenant, version }, { made }) => made.keep({ id, tenant, version }, {}),
});

/** Records that a tenant has of one kind, more than templates ever ask about. */
const most = 5_000;

/** Ids of what one template makes in one tenant. */
export const templateIds = (tenant: string, templateKey: string): TemplateIds => ({
  vocabulary: (key) => vocabularyIdOf(tenant, key),
  customField: (collection, key) => derivedId("customfield", tenant, collection, key),
  form: (collection) => formIdOf(tenant, collection),
  pipeline: (key) => derivedId("pipeline", tenant, "template", templateKey, key),
  view: (key) => derivedId("view", tenant, "template", templateKey, key),
});

/** What a tenant has of the things that templates make. */
export const factsOf = async (
  { vocabularies, customFields, forms }: Pick<Stores, "vocabularies" | "customFields" | "forms">,
  copy: MadeCopy,
  tenant: string,
  ids: readonly string[],
): Promise<TemplateFacts> => {
  const [known, fields, drawn, rows] = await Promise.all([
    vocabulariesOf(vocabularies, tenant),
    customFields.collection.find({ tenant }).limit(most).toArray(),
    forms.collection.find({ tenant }).limit(most).toArray(),
    copy
      .tables()
      .made.find({ tenant, _id: { $in: [...ids] } })
      .toArray(),
  ]);
  return {
    vocabularies: new Map(known.map((vocabulary) => [vocabulary.key, vocabulary])),
    customFields: new Map(fields.map(({ state }) => [`${state.collection}/${state.key}`, state])),
    forms: new Map(drawn.map(({ state }) => [state.collection, state])),
    made: new Set(rows.map(({ _id }) => _id)),
  };
};
