import type { ContextFor } from "@keynode/aggregate/store";
import { command, commandScope, shown } from "@keynode/api/command";
import { inputOf } from "@keynode/api/input";
import { masking } from "@keynode/api/read";
import { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import type { VocabularyServiceService } from "@keynode/contracts/crm/identity/v1/vocabulary_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { dryRunnable } from "@keynode/grpc/dry-run";
import type { Handlers } from "@keynode/grpc/implement";
import { pageOfRows } from "@keynode/query/page-of-rows";
import { inTurns, type Turns } from "@keynode/runtime/turns";
import { builtInVocabularies } from "@keynode/runtime/vocabularies/built-in";
import { effective, untouched, vocabularyIdOf } from "@keynode/runtime/vocabularies/effective";
import type { VocabularyCommand, VocabularyContext } from "../domain/vocabulary/vocabulary.ts";
import { vocabulariesOf } from "../vocabularies-of.ts";
import type { VocabularyStore } from "../vocabulary.ts";
import { vocabularyListing } from "./vocabulary-list.ts";

const shape = { typeName: "crm.identity.v1.Vocabulary", fromPartial: Vocabulary.fromPartial };

/** What a decision about a vocabulary may know, looked up for each attempt. */
export const vocabularyContext =
  (vocabularies: VocabularyStore): ContextFor<Vocabulary, VocabularyContext, VocabularyCommand> =>
  async ({ id, tenant, now }, _state, { type }) => ({
    now,
    untouched: untouchedOf(tenant, id),
    count: type === "CreateVocabulary" ? await vocabularies.collection.countDocuments({ tenant }) : 0,
  });

/** The built-in vocabulary that has this id in the tenant. */
const untouchedOf = (tenant: string, id: string): Vocabulary | undefined => {
  const found = [...builtInVocabularies.values()].find(({ key }) => vocabularyIdOf(tenant, key) === id);
  return found && untouched(tenant, found);
};

/** One entry per rpc of VocabularyService. Vocabularies are nobody's: only who sees all of the tenant sees them. */
export const vocabularyApi = (
  vocabularies: VocabularyStore,
  turns: Turns,
): Handlers<typeof VocabularyServiceService> => {
  const input = inputOf<Vocabulary>(shape, "vocabulary.");
  const masked = masking(shape);
  const context = vocabularyContext(vocabularies);

  return {
    createVocabulary: inTurns(turns, async ({ vocabulary: given = Vocabulary.fromPartial({}) }, call) => {
      const vocabulary = input.ofCreate(given);
      const id = vocabularyIdOf(call.tenant, vocabulary.key);
      const scope = commandScope(call);
      if (isDomainError(scope)) return scope;
      const made = { type: "CreateVocabulary", vocabulary: { ...vocabulary, id, ownerId: "", teamId: "" } } as const;
      const outcome = await vocabularies.create(made, scope, context, id);
      return isDomainError(outcome) ? outcome : answered(shown(outcome));
    }),
    getVocabulary: async ({ id, readMask }, { tenant, visibility, locale }) => {
      const show = masked(readMask, locale);
      if (isDomainError(show)) return show;
      if (visibility.kind !== "all") return reject("NOT_FOUND", { id });
      const found = await vocabularies.get(tenant, id, visibility);
      if (found !== undefined) return show(answered(shown(found)));
      const builtIn = untouchedOf(tenant, id);
      return builtIn === undefined ? reject("NOT_FOUND", { id }) : show(builtIn);
    },
    listVocabularies: async (request, call) => {
      const show = masked(request.readMask, call.locale);
      if (isDomainError(show)) return show;
      const all = isAllSeen(call) ? await vocabulariesOf(vocabularies, call.tenant) : [];
      const rows = all.map((state) => ({ _id: state.id, state }));
      const { tenant, visibility, locale } = call;
      const page = pageOfRows(vocabularyListing, rows, { ...request, tenant, visibility, locale });
      if (isDomainError(page)) return page;
      return {
        vocabularies: page.documents.map(({ state }) => show(state)),
        nextPageToken: page.nextPageToken,
      };
    },
    updateVocabulary: dryRunnable(async ({ vocabulary: patch = Vocabulary.fromPartial({}), updateMask }, call) => {
      const paths = input.ofUpdate(patch, updateMask);
      if (isDomainError(paths)) return paths;
      const scope = commandScope(call, patch.etag);
      if (isDomainError(scope)) return scope;
      if (!isAllSeen(call)) return reject("NOT_FOUND", { id: patch.id });
      const change: VocabularyCommand = { type: "UpdateVocabulary", vocabulary: patch, updateMask: [...paths] };
      const isBuiltIn = untouchedOf(call.tenant, patch.id) !== undefined;
      const outcome = await vocabularies.execute(patch.id, change, scope, context, isBuiltIn ? "any" : "existing");
      return isDomainError(outcome) ? outcome : answered(shown(outcome));
    }),
    deleteVocabulary: dryRunnable(async (request, call) => {
      const builtIn = untouchedOf(call.tenant, request.id);
      if (builtIn !== undefined) return reject("VOCABULARY_BUILT_IN", { key: builtIn.key });
      return await command(vocabularies, "DeleteVocabulary", context)(request, call);
    }),
    undeleteVocabulary: command(vocabularies, "UndeleteVocabulary", context),
  };
};

const isAllSeen = ({ visibility }: Call): boolean => visibility.kind === "all";

/** What is stored, with what the platform has given it since. */
const answered = (vocabulary: Vocabulary): Vocabulary => effective(vocabulary);
