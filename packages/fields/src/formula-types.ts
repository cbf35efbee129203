import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { fieldRules } from "@keynode/contracts/descriptors";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";

/** The types that formulas work with. A day is told from a text, though both are written as texts. */
export type FormulaType = "number" | "text" | "boolean" | "date";

/** What a formula that results in a kind must have as its type. */
export const typeOfKind: Readonly<Partial<Record<CustomField["kind"], FormulaType>>> = {
  TEXT: "text",
  NUMBER: "number",
  MONEY: "number",
  DATE: "date",
  BOOLEAN: "boolean",
  CHOICE: "text",
  REFERENCE: "text",
  URL: "text",
};

const standard: ReadonlySet<string> = new Set(["etag", "delete_time", "create_time", "update_time"]);

/** What a formula may take of a record's own fields; sensitive ones would be told by it. */
export const operandsOf = (message: DescMessage): ReadonlyMap<string, FormulaType> =>
  new Map(
    message.fields.flatMap((field) => {
      const type = standard.has(field.name) || fieldRules(field).sensitive ? undefined : typeOfField(field);
      return type === undefined ? [] : [[field.localName, type] as const];
    }),
  );

const typeOfField = (field: DescField): FormulaType | undefined => {
  if (field.fieldKind === "enum") return "text";
  if (field.fieldKind === "message") return messageTypes[field.message.typeName];
  if (field.fieldKind !== "scalar") return undefined;
  if (field.scalar === ScalarType.STRING) return "text";
  if (field.scalar === ScalarType.BOOL) return "boolean";
  return field.scalar === ScalarType.BYTES ? undefined : "number";
};

const messageTypes: Readonly<Record<string, FormulaType>> = {
  "google.type.Money": "number",
  "google.type.Date": "date",
};
