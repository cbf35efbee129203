import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { formulaOf } from "./formula.ts";

/**
 * The keys of the formulas that one of a collection's fields breaks by becoming what it is in `changed`, or by being no
 * more. `others` are the collection's other fields. A formula that is broken already is not among them.
 */
export const brokenFormulas = (
  before: CustomField,
  changed: CustomField | undefined,
  others: readonly CustomField[],
): readonly string[] => {
  const [known, kept] = [
    [...others, before],
    [...others, ...(changed === undefined ? [] : [changed])],
  ];
  return others
    .filter(({ kind }) => kind === "FORMULA")
    .filter((formula) => !("reason" in formulaOf(formula, known)) && "reason" in formulaOf(formula, kept))
    .map(({ key }) => key)
    .toSorted();
};
