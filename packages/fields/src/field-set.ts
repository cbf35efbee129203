import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { type Field, fieldOf, type TermsOf } from "./field.ts";
import { type Formula, formulaOf } from "./formula.ts";

/** The fields that a tenant has given a collection, retired ones too, by key and in the order in which people see them. */
export type FieldSet = {
  readonly fields: ReadonlyMap<string, Field>;
  /** Formulas by the keys of their fields; one that no longer fits the other fields is not among them. */
  readonly formulas: ReadonlyMap<string, Formula>;
};

/** Where the definitions come from. */
export type FieldSource = {
  /** As known now. */
  of(tenant: string, collection: string): Promise<FieldSet>;
  /** Waits a moment for fields of these keys, which may just have been made; what comes is as known then. */
  knowing(tenant: string, collection: string, keys: readonly string[]): Promise<FieldSet>;
};

export const noFields: FieldSet = { fields: new Map(), formulas: new Map() };

/** Makes the definitions of one tenant and collection ready. */
export const fieldSetOf = (definitions: readonly CustomField[], termsOf?: TermsOf): FieldSet => {
  const inOrder = definitions.toSorted((a, b) => a.position - b.position || (a.key < b.key ? -1 : 1));
  return {
    fields: new Map(inOrder.map((each) => [each.key, fieldOf(each, termsOf)])),
    formulas: new Map(
      inOrder.flatMap((each) => {
        const formula = each.kind === "FORMULA" ? formulaOf(each, inOrder) : { reason: "" };
        return "reason" in formula ? [] : [[each.key, formula] as const];
      }),
    ),
  };
};
