import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { ContextFor } from "@keynode/aggregate/store";
import { reactionScope, settled } from "@keynode/api/reaction";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { TemplateApplication_Part } from "@keynode/contracts/crm/identity/v1/template_application";
import { TemplateApplicationRequested } from "@keynode/contracts/crm/identity/v1/template_application_events";
import { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { vocabularyIdOf } from "@keynode/runtime/vocabularies/effective";
import type { Contexts } from "../api/contexts.ts";
import { formContext } from "../api/form.ts";
import { vocabularyContext } from "../api/vocabulary.ts";
import type { CustomFieldCommand, CustomFieldContext, CustomFieldState } from "../domain/custom-field/custom-field.ts";
import type { Stores } from "../stores.ts";
import { templates } from "../template/templates.ts";

type Part = TemplateApplication_Part;
type Settled = Pick<Part, "outcome"> & { readonly reason?: string };

/** The platform making what a template says: nothing that it makes hands out a right. */
const platformScope = (scope: CommandScope): CommandScope => ({
  ...scope,
  authority: { grants: { "*": "all" }, teams: "all" },
});

/** C-019. Makes this service's parts of a template that was applied, each once however often the event comes. */
export const onTemplateApplied = (
  stores: Stores,
  { customField }: Pick<Contexts, "customField">,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-template-applied",
  from: { identity: ["TemplateApplicationRequested"] },
  handle: async (event) => {
    const { templateKey, parts } = TemplateApplicationRequested.decode(event.data);
    const template = templates().get(templateKey);
    if (template === undefined) return;
    const scope = platformScope(reactionScope(name, event, now()));
    const made: Part[] = [];
    const pending = parts.filter(({ outcome }) => outcome === "PENDING");
    for (const vocabulary of template.vocabularies) {
      const own = pending.filter(
        (part) => part.kind === "VOCABULARY_VALUE" && part.key.startsWith(`${vocabulary.key}/`),
      );
      if (own.length === 0) continue;
      const outcome = await addValues(stores, vocabulary, scope, event, log);
      made.push(...own.map((part) => ({ ...part, reason: "", ...outcome })));
    }
    for (const field of template.customFields) {
      const own = pending.find(
        (part) => part.kind === "CUSTOM_FIELD" && part.key === `${field.collection}/${field.key}`,
      );
      if (own === undefined) continue;
      made.push({ ...own, reason: "", ...(await addField(stores, customField, field, own, scope, event, log)) });
    }
    for (const form of template.forms) {
      const own = pending.find((part) => part.kind === "FORM" && part.key === form.collection);
      if (own === undefined) continue;
      const command = { type: "CreateForm", form: { ...form, ownerId: event.actor } } as const;
      const outcome = await stores.forms.create(command, scope, formContext(stores), own.recordId);
      made.push({
        ...own,
        reason: "",
        ...outcomeOf(outcome, { ALREADY_EXISTS: "CONFLICT", FORM_EXISTS: "CONFLICT" }, event, log),
      });
    }
    if (made.length === 0) return;
    const settle = { type: "SettleTemplateParts", parts: made } as const;
    settled(
      await stores.templateApplications.execute(event.recordId, settle, scope, (attempt) => ({ now: attempt.now })),
      event,
      log,
    );
  },
});

const addValues = async (
  { vocabularies }: Stores,
  { key, displayName, open, values }: Vocabulary,
  scope: CommandScope,
  event: Recorded,
  log: ServiceTools["log"],
): Promise<Settled> => {
  const context = vocabularyContext(vocabularies);
  const id = vocabularyIdOf(event.tenant, key);
  if (displayName !== undefined) {
    const vocabulary = Vocabulary.fromPartial({ id, key, displayName, open, values });
    const made = await vocabularies.create({ type: "CreateVocabulary", vocabulary }, scope, context, id);
    if (!isDomainError(made) || made.reason !== "ALREADY_EXISTS") return outcomeOf(made, {}, event, log);
  }
  const added = await vocabularies.execute(id, { type: "AddVocabularyValues", values }, scope, context, "any");
  return outcomeOf(added, { RECORD_DELETED: "KEPT" }, event, log);
};

const addField = async (
  { customFields }: Stores,
  context: ContextFor<CustomFieldState, CustomFieldContext, CustomFieldCommand>,
  field: CustomField,
  { recordId }: Part,
  scope: CommandScope,
  event: Recorded,
  log: ServiceTools["log"],
): Promise<Settled> => {
  const customField = { ...field, ownerId: event.actor };
  const made = await customFields.create({ type: "CreateCustomField", customField }, scope, context, recordId);
  return outcomeOf(made, { ALREADY_EXISTS: "KEPT", CUSTOM_FIELD_EXISTS: "CONFLICT" }, event, log);
};

/** A refusal that says that something is in the way is an outcome; one that may pass is thrown, and the event comes again. */
const outcomeOf = (
  outcome: unknown,
  known: Readonly<Record<string, Part["outcome"]>>,
  event: Recorded,
  log: ServiceTools["log"],
): Settled => {
  if (!isDomainError(outcome)) return { outcome: "CREATED" };
  const told = known[outcome.reason];
  if (told !== undefined) return { outcome: told, reason: told === "CONFLICT" ? outcome.reason : "" };
  settled(outcome, event, log);
  return { outcome: "CONFLICT", reason: outcome.reason };
};
