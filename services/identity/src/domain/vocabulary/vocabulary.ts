import type { Vocabulary, Vocabulary_Value } from "@keynode/contracts/crm/identity/v1/vocabulary";
import type {
  VocabularyCreated,
  VocabularyDeleted,
  VocabularyEdited,
  VocabularyRestored,
} from "@keynode/contracts/crm/identity/v1/vocabulary_events";
import type {
  CreateVocabularyRequest,
  DeleteVocabularyRequest,
  UndeleteVocabularyRequest,
  UpdateVocabularyRequest,
} from "@keynode/contracts/crm/identity/v1/vocabulary_service";
import type { Tagged } from "@keynode/decider/decider";

export type VocabularyCommand = Tagged<{
  CreateVocabulary: CreateVocabularyRequest;
  UpdateVocabulary: UpdateVocabularyRequest;
  DeleteVocabulary: DeleteVocabularyRequest;
  UndeleteVocabulary: UndeleteVocabularyRequest;
  /** Puts values behind those that are there; those whose keys are there stay as they are. */
  AddVocabularyValues: { readonly values: readonly Vocabulary_Value[] };
}>;

export type VocabularyEvent = Tagged<{
  VocabularyCreated: VocabularyCreated;
  VocabularyEdited: VocabularyEdited;
  VocabularyDeleted: VocabularyDeleted;
  VocabularyRestored: VocabularyRestored;
}>;

/** All that a decision about a vocabulary may know besides its arguments. */
export type VocabularyContext = {
  readonly now: Date;
  /** The vocabulary as the platform gives it every tenant; undefined for one of the tenant's own. */
  readonly untouched: Vocabulary | undefined;
  /** How many the tenant has stored. */
  readonly count: number;
};
