import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { checkedValue, isReason } from "./checked-value.ts";
import type { Field } from "./field.ts";
import type { FieldReason } from "./field-errors.ts";
import type { FieldSet } from "./field-set.ts";
import { isKeptKind, kindOf } from "./kinds.ts";
import { mayRead, mayWrite, type Viewer } from "./viewer.ts";

/** The values of a record by the keys of their fields. */
export type Values = Readonly<Record<string, CustomValue>>;

/** One value that is refused. */
export type ValueProblem = { readonly key: string; readonly reason: FieldReason };

/** Values in the form in which they are kept, or all that is wrong with what was given. */
export type Checked = { readonly values: Record<string, CustomValue> } | { readonly problems: readonly ValueProblem[] };

/**
 * The values that a new record begins with: those given, and where nothing is given the defaults. What is given for a
 * formula is left aside.
 */
export const valuesOfCreate = (set: FieldSet, given: Values, viewer: Viewer): Checked => {
  const checked = checkedGiven(set, Object.keys(given), given, viewer);
  const { values, problems } = checked;
  for (const [key, field] of set.fields) {
    if (!takesValues(field) || Object.hasOwn(values, key)) continue;
    const begun = Object.hasOwn(given, key) ? undefined : defaultOf(field);
    if (begun !== undefined) {
      values[key] = begun;
    } else if (field.required && mayWrite(field, viewer) && !problems.some((problem) => problem.key === key)) {
      problems.push({ key, reason: "CUSTOM_FIELD_REQUIRED" });
    }
  }
  return problems.length > 0 ? { problems } : { values };
};

/** What an update sets: of each key named, its value, or none where it is cleared. */
export const valuesOfUpdate = (set: FieldSet, keys: readonly string[], given: Values, viewer: Viewer): Checked => {
  const { values, problems } = checkedGiven(set, keys, given, viewer);
  return problems.length > 0 ? { problems } : { values };
};

/** The keys that an update of everything names: what its caller can neither see nor set stays as it is. */
export const settableKeys = ({ fields }: FieldSet, given: Values, viewer: Viewer): readonly string[] => {
  const settable = [...fields.values()].filter((field) => takesValues(field) && mayWrite(field, viewer));
  const unknown = Object.keys(given).filter((key) => {
    const field = fields.get(key);
    return field === undefined || !mayRead(field, viewer);
  });
  return [...settable.map(({ key }) => key), ...unknown];
};

/** In the form in which values are kept, so that filters find it; a choice that was retired since is a default still. */
const defaultOf = (field: Field): CustomValue | undefined => {
  const { kind, defaultValue } = field;
  if (defaultValue === undefined || !isKeptKind(kind) || kindOf(defaultValue) !== kind) return undefined;
  const kept = checkedValue(field, defaultValue, kind);
  return isReason(kept) ? defaultValue : kept;
};

const takesValues = ({ kind, retireTime }: Field): boolean => kind !== "FORMULA" && retireTime === undefined;

const checkedGiven = (
  { fields }: FieldSet,
  keys: readonly string[],
  given: Values,
  viewer: Viewer,
): { values: Record<string, CustomValue>; problems: ValueProblem[] } => {
  const values: Record<string, CustomValue> = {};
  const problems: ValueProblem[] = [];
  for (const key of keys) {
    const outcome = checkedOne(fields.get(key), Object.hasOwn(given, key) ? given[key] : undefined, viewer);
    if (isReason(outcome)) problems.push({ key, ...outcome });
    else if (outcome !== undefined) values[key] = outcome;
  }
  return { values, problems };
};

const checkedOne = (
  field: Field | undefined,
  given: CustomValue | undefined,
  viewer: Viewer,
): CustomValue | { readonly reason: FieldReason } | undefined => {
  if (field === undefined || !mayRead(field, viewer)) return { reason: "CUSTOM_FIELD_UNKNOWN" };
  if (!isKeptKind(field.kind)) return undefined;
  if (!mayWrite(field, viewer)) return { reason: "CUSTOM_FIELD_READ_ONLY" };
  if (given === undefined || kindOf(given) === undefined) return undefined;
  if (field.retireTime !== undefined) return { reason: "CUSTOM_FIELD_RETIRED" };
  return checkedValue(field, given, field.kind);
};
