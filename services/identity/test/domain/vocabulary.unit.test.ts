import { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { specify } from "@keynode/decider/testing";
import { test } from "vitest";
import { decide } from "../../src/domain/vocabulary/decide.ts";
import { evolve } from "../../src/domain/vocabulary/evolve.ts";
import type { VocabularyContext, VocabularyEvent } from "../../src/domain/vocabulary/vocabulary.ts";

const rules = specify({ decide, evolve });
const now = new Date("2026-11-23T09:00:00Z");
const value = (key: string, retired = false) => ({ key, displayName: { en: key, zh: "值" }, color: "", retired });
const stored = Vocabulary.fromPartial({ id: "vocabulary_1", key: "grade", values: [value("a"), value("b")] });
const made: VocabularyEvent = { type: "VocabularyCreated", vocabulary: stored };
const untouched = Vocabulary.fromPartial({ ...stored, key: "leadSource", builtIn: true });
const own: VocabularyContext = { now, untouched: undefined, count: 0 };
const builtIn: VocabularyContext = { now, untouched, count: 0 };
const changed = (values: Vocabulary["values"]): VocabularyEvent => ({
  type: "VocabularyEdited",
  changes: { ...stored, values },
  changedFields: ["values"],
  editTime: now,
});

test("a value that was once there cannot be taken away", () => {
  const vocabulary = { ...stored, values: [value("a")] };
  rules
    .given(made)
    .when({ type: "UpdateVocabulary", vocabulary, updateMask: ["values"] }, own)
    .thenRefused("VOCABULARY_VALUE_REMOVED", { keys: "b" });
});

test("of values that cannot be taken away as many are named as a refusal carries", () => {
  const keys = Array.from({ length: 500 }, (_, index) => `v${index}`);
  const vocabulary = { ...stored, values: keys.map((key) => value(key)) };
  rules
    .given({ type: "VocabularyCreated", vocabulary })
    .when({ type: "UpdateVocabulary", vocabulary: stored, updateMask: ["values"] }, own)
    .thenRefused("VOCABULARY_VALUE_REMOVED", { keys: `${keys.slice(0, 20).join(", ")}, …` });
});

test("a value is retired, called otherwise and moved, and keeps its key", () => {
  const values = [value("c"), { ...value("b", true), displayName: { en: "B", zh: "乙" } }, value("a")];
  rules
    .given(made)
    .when({ type: "UpdateVocabulary", vocabulary: { ...stored, values }, updateMask: ["values"] }, own)
    .then(changed(values));
});

test("two values never share a key", () => {
  const vocabulary = { ...stored, values: [value("a"), value("b"), value("a")] };
  rules.given().when({ type: "CreateVocabulary", vocabulary }, own).thenRefused("VOCABULARY_VALUES_INVALID");
  rules
    .given(made)
    .when({ type: "UpdateVocabulary", vocabulary, updateMask: ["values"] }, own)
    .thenRefused("VOCABULARY_VALUES_INVALID");
});

test("the first change of a built-in vocabulary stores it whole, and one that changes nothing stores nothing", () => {
  const vocabulary = { ...untouched, open: true };
  rules
    .given()
    .when({ type: "UpdateVocabulary", vocabulary, updateMask: ["open"] }, builtIn)
    .then(
      { type: "VocabularyCreated", vocabulary: untouched },
      { type: "VocabularyEdited", changes: vocabulary, changedFields: ["open"], editTime: now },
    );
  rules
    .given()
    .when({ type: "UpdateVocabulary", vocabulary, updateMask: ["values"] }, builtIn)
    .thenNothing();
});

test("added values stand behind those that are there, and those whose keys are there stay as they are", () => {
  const b = { ...value("b"), displayName: { en: "Another name", zh: "另一个名称" } };
  rules
    .given(made)
    .when({ type: "AddVocabularyValues", values: [b, value("c")] }, own)
    .then(changed([value("a"), value("b"), value("c")]));
  rules
    .given(made, changed([value("a"), value("b", true)]))
    .when({ type: "AddVocabularyValues", values: [b] }, own)
    .thenNothing();
});

test("a vocabulary is never longer than a request may make it", () => {
  const values = Array.from({ length: 499 }, (_each, index) => value(`v${index}`));
  rules.given(made).when({ type: "AddVocabularyValues", values }, own).thenRefused("VOCABULARY_FULL", { limit: "500" });
});

test("a built-in vocabulary is neither made nor deleted, one of the tenant's own is both", () => {
  rules.given().when({ type: "CreateVocabulary", vocabulary: untouched }, builtIn).thenRefused("ALREADY_EXISTS");
  rules
    .given({ type: "VocabularyCreated", vocabulary: untouched })
    .when({ type: "DeleteVocabulary", id: "vocabulary_1", etag: "" }, builtIn)
    .thenRefused("VOCABULARY_BUILT_IN", { key: "leadSource" });
  const gone: VocabularyEvent = { type: "VocabularyDeleted", deleteTime: now };
  rules.given(made).when({ type: "DeleteVocabulary", id: "vocabulary_1", etag: "" }, own).then(gone);
  rules
    .given(made, gone)
    .when({ type: "UndeleteVocabulary", id: "vocabulary_1", etag: "" }, own)
    .then({ type: "VocabularyRestored" });
});

test("a tenant keeps a bounded number of vocabularies", () => {
  rules
    .given()
    .when({ type: "CreateVocabulary", vocabulary: stored }, { ...own, count: 200 })
    .thenRefused("VOCABULARY_LIMIT", { limit: "200" });
});
