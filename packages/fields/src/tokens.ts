import { createHash } from "node:crypto";
import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import type { Money } from "@keynode/contracts/google/type/money";
import { sortKey } from "@keynode/query/sort-key";
import type { Field } from "./field.ts";
import type { FieldSet } from "./field-set.ts";
import type { Values } from "./given-values.ts";
import { kindOf, properties } from "./kinds.ts";

/** The orders that a collection has for sortable fields; each belongs to one field at a time. */
export const sortSlots = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** What stands beside a record's state for lists: one index serves every field by its tokens, and each order has its own. */
export type Keys = {
  /** `shoeSize` for each field that has a value, and `shoeSize=42` for each value. */
  readonly customKeys?: string[];
  /** By `s1` to `s8`. */
  readonly customSort?: Record<string, string | number>;
};

/** Characters of a value in a token; an index entry must stay small. */
const maxValueLength = 60;

/** The token of a field's value, or without one the token of its having any. */
export const tokenOf = (key: string, value?: string | number | boolean): string => {
  if (value === undefined) return key;
  const text = String(value);
  if (text.length <= maxValueLength) return `${key}=${text}`;
  return `${key}#${createHash("sha256").update(text).digest("base64url").slice(0, 22)}`;
};

/** An amount as its token and filters spell it: `CNY 12.5`. */
export const moneyText = (currencyCode: string, units: bigint, nanos: number): string => {
  const sign = units < 0n || nanos < 0 ? "-" : "";
  const fraction = String(Math.abs(nanos)).padStart(9, "0").replace(/0+$/, "");
  return `${currencyCode} ${sign}${units < 0n ? -units : units}${fraction === "" ? "" : `.${fraction}`}`;
};

/** `CNY 12.50` as an amount; undefined for what is not written as one. */
export const moneyOf = (text: string): Money | undefined => {
  const [, currencyCode, sign, units, fraction = ""] = /^([A-Z]{3}) (-?)(\d{1,18})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (currencyCode === undefined || units === undefined) return undefined;
  const factor = sign === "-" ? -1 : 1;
  // A minus before zero is kept by no filter.
  return { currencyCode, units: BigInt(units) * BigInt(factor), nanos: Number(fraction.padEnd(9, "0")) * factor + 0 };
};

/** The keys of a record with these values; empty for one without. */
export const keysOf = ({ fields }: FieldSet, values: Values): Keys => {
  const tokens = Object.entries(values).flatMap(([key, value]) => [
    tokenOf(key),
    ...textsOf(value).map((text) => tokenOf(key, text)),
  ]);
  if (tokens.length === 0) return {};
  const sort: Record<string, string | number> = {};
  for (const field of fields.values()) {
    const value = Object.hasOwn(values, field.key) ? values[field.key] : undefined;
    const sorted = field.sortSlot === 0 || value === undefined ? undefined : sortedBy(field, value);
    if (sorted !== undefined) sort[`s${field.sortSlot}`] = sorted;
  }
  return { customKeys: tokens, ...(Object.keys(sort).length > 0 && { customSort: sort }) };
};

/** What a value is compared by for equality. */
const textsOf = (value: CustomValue): readonly (string | number | boolean)[] => {
  const kind = kindOf(value);
  if (kind === undefined) return [];
  if (kind === "CHOICES") return value.choices;
  if (kind === "MONEY") {
    const { currencyCode = "", units = 0n, nanos = 0 } = value.money ?? {};
    return [moneyText(currencyCode, units, nanos)];
  }
  return [value[properties[kind]]].filter((each) => each !== undefined);
};

const sortedBy = ({ kind }: Field, { text, number, date, choice }: CustomValue): string | number | undefined => {
  switch (kind) {
    case "TEXT":
      return text === undefined ? undefined : sortKey(text);
    case "NUMBER":
      return number;
    case "DATE":
      return date;
    default:
      return choice;
  }
};
