import { registry } from "@keynode/contracts/descriptors";
import { CustomField, type DeepPartial } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { Locale } from "@keynode/decider/error-table";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { customValuesOf } from "../../src/openapi/custom-values.ts";
import { openApiDocument } from "../../src/openapi/document.ts";
import type { JsonSchema } from "../../src/openapi/json-schema.ts";
import { contractRoutes } from "../../src/transcoder/routes.ts";
import { tenantFields } from "../fixtures/tenant-fields.ts";

const routes = contractRoutes(registry());
const documentOf = (fields: readonly DeepPartial<CustomField>[], locale: Locale = "en") =>
  openApiDocument({
    registry: registry(),
    routes,
    profile: undefined,
    version: "1.2.3",
    rateLimits: '"key";q=4;w=2',
    examples: {},
    customValues: customValuesOf(
      fields.map((field) => CustomField.fromPartial(field)),
      locale,
    ),
  });
const document = documentOf(tenantFields);

const valuesIn = (of: ReturnType<typeof documentOf>, record = "Lead") =>
  of.components.schemas[record]?.properties?.["customFields"];
const field = (key: string, of = document): JsonSchema => valuesIn(of)?.properties?.[key] ?? {};
const typed = (key: string, of = document): JsonSchema => field(key, of).anyOf?.[0] ?? {};

describe("the document of a tenant", () => {
  it("has the records' own values as typed properties, and no others", () => {
    expect(Object.keys(valuesIn(document)?.properties ?? {})).toEqual(tenantFields.map(({ key }) => key));
    expect(valuesIn(document)?.additionalProperties).toBe(false);
    expect(typed("shoeSize")).toMatchObject({
      required: ["number"],
      additionalProperties: false,
      properties: { number: { type: "number", minimum: 15, maximum: 60 } },
    });
    expect(valuesIn(document, "Account")).toMatchObject({ additionalProperties: { $ref: expect.any(String) } });
  });

  it("says what each takes", () => {
    const property = (key: string, name: string) => typed(key).properties?.[name];
    expect(property("nickname", "text")).toMatchObject({ maxLength: 20, pattern: "^(?:[a-z]+)$" });
    expect(property("odd", "text")).not.toHaveProperty("pattern");
    expect(property("budget", "money")?.properties).toEqual({ currencyCode: { const: "CNY" } });
    expect(property("day", "date")).toMatchObject({ type: "string", format: "date" });
    expect(property("colour", "choice")).toMatchObject({ enum: ["red", "old"] });
    expect(property("colour", "choice")?.description).toBe("- `red`: Red\n- `old`: old (retired)");
    expect(property("colours", "choices")).toMatchObject({ type: "array", items: { enum: ["red"] } });
    expect(property("parent", "reference")?.pattern).toMatch(/^\^account_/);
    expect(field("ratio")).toMatchObject({ readOnly: true });
    expect(field("gone")).toMatchObject({ deprecated: true });
  });

  it("takes a value without a result for what it is", () => {
    const any = { $ref: "#/components/schemas/CustomValue" };
    expect(field("shoeSize").anyOf?.[1]).toEqual({ allOf: [any], required: ["problem"] });
  });

  it("lets null clear a value where a part of a record is sent, and nowhere else", () => {
    const content = document.paths["/v1/leads/{id}"]?.["patch"]?.requestBody?.content;
    const changes = content?.["application/json"]?.schema.properties?.["customFields"];
    expect(changes?.properties?.["shoeSize"]?.anyOf).toContainEqual({ type: "null" });
    expect(field("shoeSize").anyOf).not.toContainEqual({ type: "null" });
  });

  it("speaks the language that is asked for, and the other one where it has no words", () => {
    const chinese = documentOf(tenantFields, "zh");
    expect(field("shoeSize", chinese)).toMatchObject({ title: "鞋码 (EU)", description: "新建记录时必填。" });
    expect(field("shoeSize")).toMatchObject({ title: "Shoe size (EU)", description: "Required for new records." });
    expect(field("nickname", chinese)).toMatchObject({ title: "Nickname" });
  });

  it("is OpenAPI 3.1 by its meta schema", async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect(result.errors).toBeUndefined();
  });
});
