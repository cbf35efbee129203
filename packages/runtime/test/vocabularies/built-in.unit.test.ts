import { fieldRules, registry } from "@keynode/contracts/descriptors";
import { builtInVocabularies } from "../../src/vocabularies/built-in.ts";
import { expect, test } from "vitest";

const declared = new Set(
  [...registry()]
    .flatMap((type) => (type.kind === "message" ? type.fields : []))
    .flatMap((field) => fieldRules(field).vocabulary ?? []),
);

test("every vocabulary that a field of the contract names is built in, and no other", () => {
  expect([...declared].toSorted()).toEqual([...builtInVocabularies.keys()].toSorted());
});

test("the values' keys are as the contract has them, each once", () => {
  for (const { values } of builtInVocabularies.values()) {
    const keys = values.map(({ key }) => key);
    expect(keys.filter((key) => !/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/.test(key))).toEqual([]);
    expect(new Set(keys).size).toBe(keys.length);
  }
});
