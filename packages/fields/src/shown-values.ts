import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { shownValue } from "./converted.ts";
import type { Field } from "./field.ts";
import type { FieldSet } from "./field-set.ts";
import type { Values } from "./given-values.ts";
import { mayRead, type Viewer } from "./viewer.ts";

/** Who looks at a record. */
export type Onlooker = Viewer & {
  /** Whether the sensitive values of the record are open to them. */
  readonly seesSensitive: boolean;
};

/** Whether a field is there for somebody; what is left out is as if the record had no value. */
export const isShown = (field: Field | undefined, onlooker: Onlooker): boolean =>
  field !== undefined && mayRead(field, onlooker) && (onlooker.seesSensitive || !field.sensitive);

/** Whether a field is sensitive in any case, by what it holds. */
export const isSensitive = ({ sensitive, kind }: Pick<Field, "sensitive" | "kind">): boolean =>
  sensitive || kind === "PHONE" || kind === "EMAIL";

/**
 * A record's values as somebody sees them: of the kinds that their fields have now, with what the formulas make of them.
 * A formula that takes what is not shown is not shown. `isWhole`: the record is, too, so that formulas have what they take.
 */
export const shownValues = (
  { fields, formulas }: FieldSet,
  record: object,
  values: Values,
  onlooker: Onlooker,
  isWhole: boolean,
): Record<string, CustomValue> => {
  const shown: Record<string, CustomValue> = {};
  for (const [key, value] of Object.entries(values)) {
    const field = fields.get(key);
    if (field !== undefined && isShown(field, onlooker)) shown[key] = shownValue(field, value);
  }
  if (!isWhole) return shown;
  const taken = { ...shown };
  for (const [key, formula] of formulas) {
    if (!isShown(fields.get(key), onlooker)) continue;
    if ([...formula.operands].some((operand) => !isShown(fields.get(operand), onlooker))) continue;
    shown[key] = formula.of(record, taken);
  }
  return shown;
};
