import type { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { tenantVocabularies } from "@keynode/runtime/vocabularies/effective";
import { maxVocabularies } from "./domain/vocabulary/decide.ts";
import type { VocabularyStore } from "./vocabulary.ts";

/** All vocabularies of a tenant, deleted ones and the untouched built-in ones included. */
export const vocabulariesOf = async ({ collection }: VocabularyStore, tenant: string): Promise<Vocabulary[]> => {
  const stored = await collection
    .find({ tenant }, { projection: { version: 1, state: 1 } })
    .limit(2 * maxVocabularies)
    .toArray();
  return tenantVocabularies(
    tenant,
    stored.map(({ version, state }) => ({ ...state, etag: String(version) })),
  );
};
