import { holders } from "@keynode/fields/holders";
import { expect, test } from "vitest";
import { fieldNames, valueNames } from "../../src/form/field-names.ts";
import { settableFields, standardEntry } from "../../src/form/standard-fields.ts";

const fields = [...holders().values()].flatMap((holder) => settableFields(holder));

test("every field that a form can show has a name in English and in Chinese, and no other", () => {
  expect(new Set(Object.keys(fieldNames).filter((name) => !["ownerId", "teamId"].includes(name)))).toEqual(
    new Set(fields.map(({ jsonName }) => jsonName)),
  );
});

test("so has every value of an enum", () => {
  const values = fields.flatMap((field) => field.enum?.values.filter(({ number }) => number !== 0) ?? []);
  expect(new Set(Object.keys(valueNames))).toEqual(new Set(values.map(({ name }) => name)));
});

test("what the contract demands of a field is told to whoever draws it", () => {
  const entryOf = (collection: string, name: string) => {
    const holder = holders().get(collection);
    const field = holder && settableFields(holder).find(({ jsonName }) => jsonName === name);
    if (field === undefined) throw new Error(`no ${collection}.${name}`);
    return standardEntry(field, "zh");
  };
  expect(entryOf("leads", "name").entry).toMatchObject({ kind: "TEXT", name: "名称", required: true, maxLength: 200 });
  expect(entryOf("leads", "email")).toMatchObject({ entry: { kind: "EMAIL" }, sensitive: true });
  expect(entryOf("leads", "phone").entry.kind).toBe("PHONE");
  expect(entryOf("leads", "sourceKey").entry).toMatchObject({ kind: "CHOICE", vocabulary: "leadSource" });
  expect(entryOf("leads", "needs").entry).toMatchObject({ kind: "CHOICES", vocabulary: "need", maxItems: 50 });
  expect(entryOf("leads", "capturedDate").entry.kind).toBe("DATE");
  expect(entryOf("leads", "source").entry.choices).toContainEqual({ value: "TRADE_SHOW", name: "展会", color: "" });
  expect(entryOf("accounts", "website").entry.kind).toBe("URL");
  expect(entryOf("accounts", "revenue").entry.kind).toBe("MONEY");
  expect(entryOf("accounts", "yearEstablished").entry).toMatchObject({ kind: "NUMBER", min: 0, max: 9999 });
  expect(entryOf("accounts", "address").entry.kind).toBe("COMPOUND");
  expect(entryOf("contacts", "accountId").entry).toMatchObject({ kind: "REFERENCE", referenceCollection: "accounts" });
  expect(entryOf("contacts", "primary").entry.kind).toBe("BOOLEAN");
});
