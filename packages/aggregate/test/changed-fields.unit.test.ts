import { expect, it } from "vitest";
import { changedFields } from "../src/changed-fields.ts";

const before = { id: "lead_1", etag: "", name: "王芳", tags: ["a"], source: { channel: "WEB" }, nameKey: "wang" };

it("a commit changes the fields whose values differ, whatever they are made of", () => {
  const after = { ...before, name: "李四", tags: ["a", "b"], source: { channel: "PHONE" }, nameKey: "li" };
  expect(changedFields(before, after)).toEqual(["name", "tags", "source", "nameKey"]);
});
it("an equal value made anew is no change", () => {
  expect(changedFields(before, { ...before, tags: ["a"], source: { channel: "WEB" } })).toEqual([]);
});
it("values of custom fields are told by their keys", () => {
  const had = { ...before, customFields: { size: { number: 1 }, colour: { choice: "red" }, gone: { text: "x" } } };
  const has = { ...before, customFields: { size: { number: 2 }, colour: { choice: "red" }, fresh: { text: "y" } } };
  expect(changedFields(had, has)).toEqual(["customFields.size", "customFields.gone", "customFields.fresh"]);
  expect(changedFields(before, had)).toEqual(["customFields.size", "customFields.colour", "customFields.gone"]);
});
it("a field that comes or goes is changed; what the chassis keeps is not", () => {
  const { tags: _tags, ...without } = before;
  const after = { ...without, etag: "2", updateTime: new Date(), score: 3 };
  expect(changedFields(before, after)).toEqual(["tags", "score"]);
});
