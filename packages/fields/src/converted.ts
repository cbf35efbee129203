import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { checkedValue, isReason } from "./checked-value.ts";
import type { Field } from "./field.ts";
import { isKeptKind, type KeptKind, kindOf, properties, valueOf } from "./kinds.ts";
import { moneyText } from "./tokens.ts";

/** A value as its field shows it now: of the field's kind, or as it was, saying that it could not be converted. */
export const shownValue = (field: Field, value: CustomValue): CustomValue => {
  const { kind } = field;
  if (kindOf(value) === kind || !isKeptKind(kind)) return value;
  return converted(field, value, kind) ?? { ...value, problem: "NOT_CONVERTED" };
};

/** A value of one kind as one of another, by way of its text; undefined where it cannot be that. */
export const converted = (field: Field, value: CustomValue, kind: KeptKind): CustomValue | undefined => {
  const text = textOf(value);
  const made = text === undefined ? undefined : madeOf(kind, text);
  if (made === undefined) return undefined;
  const kept = checkedValue(field, made, kind);
  return isReason(kept) ? undefined : kept;
};

const textOf = (value: CustomValue): string | undefined => {
  const kind = kindOf(value);
  if (kind === undefined) return undefined;
  if (kind === "CHOICES") return value.choices.length === 1 ? value.choices[0] : undefined;
  if (kind === "MONEY") {
    const { currencyCode = "", units = 0n, nanos = 0 } = value.money ?? {};
    return moneyText(currencyCode, units, nanos);
  }
  return String(value[properties[kind]]);
};

const madeOf = (kind: KeptKind, text: string): CustomValue | undefined => {
  switch (kind) {
    case "NUMBER":
      return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text.trim()) ? valueOf("NUMBER", Number(text)) : undefined;
    case "BOOLEAN":
      return text === "true" || text === "false" ? valueOf("BOOLEAN", text === "true") : undefined;
    case "MONEY":
      return undefined;
    case "CHOICES":
      return valueOf("CHOICES", [text]);
    default:
      return valueOf(kind, text);
  }
};
