import { derivedId } from "@keynode/aggregate/type-id";
import { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { type BuiltInVocabulary, builtInVocabularies } from "./built-in.ts";

/** A tenant has one of each key, which makes keys unique: the id follows from it. */
export const vocabularyIdOf = (tenant: string, key: string): string => derivedId("vocabulary", tenant, key);

/** A built-in vocabulary as a tenant has it that has changed nothing. */
export const untouched = (tenant: string, { key, displayName, open, values }: BuiltInVocabulary): Vocabulary =>
  Vocabulary.fromPartial({
    id: vocabularyIdOf(tenant, key),
    key,
    displayName: { ...displayName },
    open,
    values: values.map((value) => ({ ...value })),
    builtIn: true,
  });

/**
 * A stored vocabulary with what the platform has given it since: values of a newer version stand behind the tenant's own,
 * whose names, order and retirements count.
 */
export const effective = (stored: Vocabulary): Vocabulary => {
  const builtIn = builtInVocabularies.get(stored.key);
  if (builtIn === undefined) return stored;
  const known = new Set(stored.values.map(({ key }) => key));
  const added = builtIn.values.filter(({ key }) => !known.has(key));
  return { ...stored, builtIn: true, values: [...stored.values, ...added.map((value) => ({ ...value }))] };
};

/** All of a tenant's vocabularies: the stored ones, deleted ones too, and the built-in ones that nobody has changed. */
export const tenantVocabularies = (tenant: string, stored: readonly Vocabulary[]): Vocabulary[] => {
  const keys = new Set(stored.map(({ key }) => key));
  const rest = [...builtInVocabularies.values()].filter(({ key }) => !keys.has(key));
  return [...stored.map(effective), ...rest.map((each) => untouched(tenant, each))];
};
