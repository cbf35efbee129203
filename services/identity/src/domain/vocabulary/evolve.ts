import type { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { withChanges } from "@keynode/decider/record";
import type { VocabularyEvent } from "./vocabulary.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (before: Vocabulary | undefined, event: VocabularyEvent): Vocabulary => {
  const state = before as Vocabulary;
  switch (event.type) {
    case "VocabularyCreated":
      return event.vocabulary as Vocabulary;
    case "VocabularyEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "VocabularyDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "VocabularyRestored":
      return { ...state, deleteTime: undefined };
  }
};
