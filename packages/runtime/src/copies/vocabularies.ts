import { snapshotOf } from "@keynode/api/snapshot";
import type { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import * as vocabularyEvents from "@keynode/contracts/crm/identity/v1/vocabulary_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "../service-definition.ts";

/** A vocabulary as far as values are judged by it; what people call them is not copied. */
export type VocabularyRow = { key: string; open: boolean; values: { key: string; retired: boolean }[] };

export type VocabularyCopy = Copy<{ vocabularies: VocabularyRow }>;

/** Events after which another value may be chosen than before. */
export const vocabularyChanges = [
  "VocabularyCreated",
  "VocabularyEdited",
  "VocabularyDeleted",
  "VocabularyRestored",
] as const;

/** A service's copy of the vocabularies that tenants have changed, for services whose records take values of them. */
export const vocabularies = defineProjection<{ vocabularies: VocabularyRow }>({
  name: "vocabularies",
  from: { identity: vocabularyChanges },
  tables: { vocabularies: { indexes: [{ name: "tenant", key: { tenant: 1 } }] } },
  apply: async (event, tables) => {
    const snapshot = snapshotOf<Vocabulary>(event, vocabularyEvents);
    if (snapshot === undefined) return;
    const { recordId: id, tenant, version } = event;
    const { key, open, values, deleteTime } = snapshot;
    const place = { id, tenant, version };
    if (deleteTime === undefined) {
      const kept = values.map((value) => ({ key: value.key, retired: value.retired }));
      await tables.vocabularies.keep(place, { key, open, values: kept });
    } else await tables.vocabularies.bury(place);
  },
});
