import type { Vocabulary, Vocabulary_Value } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { deleted, edited, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";
import type { VocabularyCommand, VocabularyContext, VocabularyEvent } from "./vocabulary.ts";

/** Vocabularies of one tenant; what a service holds of a tenant in memory is bounded by it. */
export const maxVocabularies = 200;

/**
 * A built-in vocabulary is there before anybody stored it: its first change stores it whole. Errors: those that the
 * rpcs name.
 */
export const decide = decideBy<VocabularyCommand, Vocabulary, VocabularyEvent, VocabularyContext>({
  CreateVocabulary: ({ vocabulary }, state, { untouched, count }) => {
    if (vocabulary === undefined) return [];
    if (state !== undefined || untouched !== undefined) return reject("ALREADY_EXISTS", { id: vocabulary.id });
    return refuseCount(count) ?? refuseRepeated(vocabulary.values) ?? [{ type: "VocabularyCreated", vocabulary }];
  },
  UpdateVocabulary: ({ vocabulary, updateMask = [] }, state, context) => {
    const before = state ?? context.untouched;
    if (vocabulary === undefined || before === undefined) return [];
    const after = withChanges(before, vocabulary, updateMask);
    const changed = edited("Vocabulary", before, vocabulary, updateMask, context);
    return refuseRepeated(after.values) ?? refuseRemoved(before, after) ?? begun(state, context, changed);
  },
  AddVocabularyValues: ({ values }, state, context) => {
    const before = state ?? context.untouched;
    if (before === undefined) return [];
    const known = new Set(before.values.map(({ key }) => key));
    const all = [...before.values, ...values.filter(({ key }) => !known.has(key))];
    if (all.length > maxValues) return reject("VOCABULARY_FULL", { limit: String(maxValues) });
    return begun(state, context, edited("Vocabulary", before, { ...before, values: all }, ["values"], context));
  },
  DeleteVocabulary: onRecord((_command, state, context) =>
    context.untouched === undefined
      ? deleted("Vocabulary", state, context)
      : reject("VOCABULARY_BUILT_IN", { key: state.key }),
  ),
  UndeleteVocabulary: onRecord((_command, state) => restored("Vocabulary", state)),
});

/** As many as one request may bring. */
const maxValues = 500;

/** The first change of a built-in vocabulary comes after its creation. */
const begun = (
  state: Vocabulary | undefined,
  { untouched }: VocabularyContext,
  events: readonly VocabularyEvent[],
): readonly VocabularyEvent[] =>
  state !== undefined || untouched === undefined || events.length === 0
    ? events
    : [{ type: "VocabularyCreated", vocabulary: untouched }, ...events];

const refuseCount = (count: number): DomainError | undefined =>
  count >= maxVocabularies ? reject("VOCABULARY_LIMIT", { limit: String(maxVocabularies) }) : undefined;

const refuseRepeated = (values: readonly Vocabulary_Value[]): DomainError | undefined => {
  const keys = values.map(({ key }) => key);
  const violations = keys.flatMap((key, index) =>
    keys.indexOf(key) === index
      ? []
      : [{ field: `vocabulary.values[${index}].key`, reason: "VOCABULARY_VALUE_REPEATED" }],
  );
  return violations.length === 0 ? undefined : reject("VOCABULARY_VALUES_INVALID", {}, violations);
};

/** As many keys as a refusal names; with all of them it would be too large for where refusals are sent. */
const maxNamed = 20;

/** Records may hold a value long after nobody chooses it any more. */
const refuseRemoved = (before: Vocabulary, after: Vocabulary): DomainError | undefined => {
  const kept = new Set(after.values.map(({ key }) => key));
  const removed = before.values.map(({ key }) => key).filter((key) => !kept.has(key));
  return removed.length === 0
    ? undefined
    : reject("VOCABULARY_VALUE_REMOVED", { keys: named(removed) }, [
        { field: "vocabulary.values", reason: "VOCABULARY_VALUE_REMOVED" },
      ]);
};

const named = (keys: readonly string[]): string =>
  [...keys.slice(0, maxNamed), ...(keys.length > maxNamed ? ["…"] : [])].join(", ");
