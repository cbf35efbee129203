import { fromJson, toBinary } from "@bufbuild/protobuf";
import { registry } from "@keynode/contracts/descriptors";
import { definitionProblems } from "@keynode/fields/definition-problems";
import { holders } from "@keynode/fields/holders";
import { requestValidation } from "@keynode/grpc/validation";
import { builtInVocabularies } from "@keynode/runtime/vocabularies/built-in";
import { describe, expect, it } from "vitest";
import { settableFields } from "../../src/form/standard-fields.ts";
import { templateData, templates } from "../../src/template/templates.ts";

const message = registry().getMessage("crm.identity.v1.Template");
if (message === undefined) throw new Error("the contract has no Template");

/** Every text in two languages anywhere in a template's data. */
const textsIn = (json: unknown): { readonly en: string; readonly zh: string }[] => {
  if (typeof json !== "object" || json === null) return [];
  if ("en" in json || "zh" in json) {
    const { en = "", zh = "" } = json as { readonly en?: string; readonly zh?: string };
    return [{ en, zh }];
  }
  return Object.values(json).flatMap(textsIn);
};

describe.each([...templates()])("the template %s", (key, template) => {
  it("is named after its key, and keeps every rule of the contract", () => {
    expect(template.key).toBe(key);
    // A part that adds to what is there names no more than it adds: required fields are those of the whole.
    const judge = requestValidation(registry()).of(message, { demandsRequired: false });
    expect(judge?.(new Uint8Array(), "en")?.refusal?.violations.map(({ field }) => field)).toContain("key");
    const json = templateData.get(key);
    if (json === undefined) throw new Error("no data");
    const bytes = toBinary(message, fromJson(message, json, { registry: registry() }));
    expect(judge?.(bytes, "en")?.refusal?.violations ?? []).toEqual([]);
  });

  it("says everything in English and in Chinese", () => {
    const texts = textsIn(templateData.get(key));
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.filter(({ en, zh }) => en === "" || zh === "" || /\p{Script=Han}/u.test(en))).toEqual([]);
  });

  it("gives records fields that can be, each once, whose vocabularies there are", () => {
    const places = template.customFields.map(({ collection, key: field }) => `${collection}/${field}`);
    expect(new Set(places).size).toBe(places.length);
    const own = new Set(template.vocabularies.map(({ key: vocabulary }) => vocabulary));
    for (const field of template.customFields) {
      const others = template.customFields.filter((each) => each.collection === field.collection && each !== field);
      expect(definitionProblems(field, others), field.key).toEqual([]);
      expect(field.required, "a required field would refuse what people do today").toBe(false);
      const { vocabulary } = field;
      expect(vocabulary === "" || own.has(vocabulary) || builtInVocabularies.has(vocabulary), vocabulary).toBe(true);
    }
  });

  it("adds values that the platform does not have, to vocabularies of the platform or of its own", () => {
    for (const { key: vocabulary, displayName, values } of template.vocabularies) {
      const builtIn = builtInVocabularies.get(vocabulary);
      expect(builtIn === undefined, vocabulary).toBe(displayName !== undefined);
      const keys = [...(builtIn?.values ?? []), ...values].map((value) => value.key);
      expect(keys.filter((value, index) => keys.indexOf(value) !== index)).toEqual([]);
    }
  });

  it("draws forms of fields that there are, each once", () => {
    for (const { collection, sections } of template.forms) {
      const holder = holders().get(collection);
      if (holder === undefined) throw new Error(`no collection ${collection}`);
      const known = new Set([
        ...settableFields(holder).map(({ jsonName }) => jsonName),
        ...template.customFields.flatMap((each) =>
          each.collection === collection ? [`customFields.${each.key}`] : [],
        ),
      ]);
      const fields = sections.flatMap(({ entries }) => entries.map(({ field }) => field));
      expect(fields.filter((field) => !known.has(field))).toEqual([]);
      expect(new Set(fields).size).toBe(fields.length);
    }
  });

  it("brings key nodes, a pipeline whose chances rise, and views", () => {
    expect(template.vocabularies.find((each) => each.key === "keyNodeKind")?.values.length).toBeGreaterThan(5);
    for (const { stages } of template.pipelines) {
      const chances = stages.map(({ probability }) => probability);
      expect(chances).toEqual(chances.toSorted((a, b) => a - b));
      expect(new Set(stages.map((stage) => stage.key)).size).toBe(stages.length);
    }
    expect(template.pipelines.length).toBeGreaterThan(0);
    expect(template.views.length).toBeGreaterThan(0);
  });
});
