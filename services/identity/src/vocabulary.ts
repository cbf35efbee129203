import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import * as codecs from "@keynode/contracts/crm/identity/v1/vocabulary_events";
import { decide } from "./domain/vocabulary/decide.ts";
import { evolve } from "./domain/vocabulary/evolve.ts";
import type { VocabularyCommand, VocabularyContext, VocabularyEvent } from "./domain/vocabulary/vocabulary.ts";

export const vocabularyAggregate = defineAggregate<Vocabulary, VocabularyCommand, VocabularyEvent, VocabularyContext>({
  name: "vocabulary",
  collection: "vocabularies",
  decider: { decide, evolve },
  events: codecs,
  onDeleted: ["DeleteVocabulary", "UndeleteVocabulary"],
  indexes: [{ name: "tenant", key: { tenant: 1 } }],
});

export type VocabularyStore = Store<Vocabulary, VocabularyCommand, VocabularyEvent, VocabularyContext>;
