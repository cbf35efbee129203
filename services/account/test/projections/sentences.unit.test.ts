import { fieldRules, registry } from "@keynode/contracts/descriptors";
import { describe, expect, it } from "vitest";
import { sentences } from "../../src/projections/sentences.ts";

const messages = [...registry().files].flatMap((file) => (file.name.endsWith("_events") ? file.messages : []));

/** The fields that a path leads through, from the event's message to the value. */
const fieldsOf = (eventType: string, path: string) => {
  let message = messages.find(({ name }) => name === eventType);
  return path.split(".").map((name) => {
    const field = message?.fields.find(({ localName }) => localName === name);
    if (field === undefined) throw new Error(`${eventType} has no ${path}`);
    message = field.message;
    return field;
  });
};

const filled = Object.entries(sentences).flatMap(([type, { fills }]) => fills.map((path) => ({ type, path })));

describe("a sentence of the timeline", () => {
  it.each(filled)("$type is filled by $path, which is nobody's number or address", ({ type, path }) => {
    expect(fieldsOf(type, path).filter((field) => fieldRules(field).sensitive)).toEqual([]);
  });

  it("has a place for every value, and a value for every place, in both languages", () => {
    const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).toSorted();
    for (const { en, zh, fills } of Object.values(sentences)) {
      const names = fills.map((path) => path.slice(path.lastIndexOf(".") + 1)).toSorted();
      expect([places(en), places(zh)]).toEqual([names, names]);
    }
  });
});
