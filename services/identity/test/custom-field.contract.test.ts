import { newId } from "@keynode/aggregate/type-id";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import {
  CustomFieldServiceService,
  ListCustomFieldsRequest,
} from "@keynode/contracts/crm/identity/v1/custom_field_service";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { refusal, startIdentity, stranger } from "./start.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startIdentity();
});

const tenantWithFields = () => {
  const admin = stranger();
  const fields = under.client(CustomFieldServiceService, admin);
  const create = (more: Parameters<typeof CustomField.fromPartial>[0] = {}) =>
    fields.createCustomField({
      customField: CustomField.fromPartial({
        collection: "leads",
        key: "shoeSize",
        kind: "NUMBER",
        displayName: { en: "Shoe size", zh: "鞋码" },
        ...more,
      }),
    });
  return { admin, fields, create };
};

describe("a custom field", () => {
  it("is made, read, renamed, retired and listed by its collection", async () => {
    const { fields, create } = tenantWithFields();
    const made = await create();
    expect(made).toMatchObject({ key: "shoeSize", kind: "NUMBER", displayName: { zh: "鞋码" }, etag: "1" });
    expect(await fields.getCustomField({ id: made.id })).toEqual(made);
    const renamed = await fields.updateCustomField({
      customField: CustomField.fromPartial({ id: made.id, displayName: { en: "Size", zh: "尺码" } }),
      updateMask: ["display_name"],
    });
    expect(renamed).toMatchObject({ key: "shoeSize", displayName: { en: "Size" }, etag: "2" });
    expect((await fields.retireCustomField({ id: made.id, etag: "" })).retireTime).toBeInstanceOf(Date);
    await create({ collection: "accounts" });
    const { customFields } = await fields.listCustomFields(
      ListCustomFieldsRequest.fromPartial({ filter: 'collection = "leads"', orderBy: "position" }),
    );
    expect(customFields.map(({ id }) => id)).toEqual([made.id]);
  });

  it("keeps its key for ever: no other of the collection gets it, after it was deleted neither", async () => {
    const { fields, create } = tenantWithFields();
    const { id } = await create();
    expect(await refusal(create())).toMatchObject({ code: "ALREADY_EXISTS", reason: "CUSTOM_FIELD_EXISTS" });
    await fields.deleteCustomField({ id, etag: "" });
    expect(await refusal(create())).toMatchObject({ reason: "CUSTOM_FIELD_EXISTS" });
    await create({ collection: "accounts" });
    expect((await fields.undeleteCustomField({ id, etag: "" })).deleteTime).toBeUndefined();
  });

  it("is another tenant's to nobody", async () => {
    const { id } = await tenantWithFields().create();
    const { fields } = tenantWithFields();
    expect(await refusal(fields.getCustomField({ id }))).toMatchObject({ code: "NOT_FOUND" });
  });

  it("is made by those who administer, and read by all", async () => {
    const { admin, create } = tenantWithFields();
    const { id } = await create();
    const reader = under.client(CustomFieldServiceService, {
      ...admin,
      actor: newId("user"),
      grants: { "customFields.read": "all" },
    });
    expect((await reader.getCustomField({ id })).key).toBe("shoeSize");
    expect(await refusal(reader.retireCustomField({ id, etag: "" }))).toMatchObject({ code: "PERMISSION_DENIED" });
  });

  it("that can be sorted by has an order of its own, however many are made at once", async () => {
    const { create } = tenantWithFields();
    const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const made = await Promise.all(keys.map((key) => create({ key, sortable: true })));
    expect(made.map(({ sortSlot }) => sortSlot).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await refusal(create({ key: "i", sortable: true }))).toMatchObject({ reason: "SORTABLE_LIMIT_REACHED" });
  });

  it("says all that is wrong with it at once, by its place in the request", async () => {
    const { create } = tenantWithFields();
    expect(await refusal(create({ collection: "roles", min: 2, max: 1 }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "CUSTOM_FIELD_INVALID",
      fields: ["custom_field.collection", "custom_field.max"],
    });
    expect(await refusal(create({ key: "__proto__" }))).toMatchObject({ fields: ["custom_field.key"] });
  });

  it("is no larger than people can read, nor a formula that ends late or never", async () => {
    const { create } = tenantWithFields();
    const choices = Array.from({ length: 501 }, (_, index) => ({ id: `c${index}` }));
    const told = async (more: Parameters<typeof create>[0]) => {
      const { code, fields } = await refusal(create(more));
      return [code, ...(fields ?? [])];
    };
    expect(await told({ kind: "CHOICE", choices })).toEqual(["INVALID_ARGUMENT", "custom_field.choices"]);
    expect(await told({ kind: "TEXT", pattern: "(a)\\1" })).toEqual(["INVALID_ARGUMENT", "custom_field.pattern"]);
    expect(await told({ kind: "TEXT", pattern: "a".repeat(201) })).toEqual([
      "INVALID_ARGUMENT",
      "custom_field.pattern",
    ]);
    const formula = (text: string) => told({ kind: "FORMULA", formulaKind: "NUMBER", formula: text });
    for (const text of [
      `${"(".repeat(400)}1${")".repeat(400)}`,
      Array.from({ length: 120 }, () => "1").join("+"),
      "[1, 2].map(x, x)[0]",
      "1".repeat(1_001),
    ]) {
      expect(await formula(text)).toEqual(["INVALID_ARGUMENT", "custom_field.formula"]);
    }
  });
});
