import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { checkedValue, isReason } from "./checked-value.ts";
import type { Field } from "./field.ts";
import { isKeptKind, type KeptKind, kindOf, properties, valueOf } from "./kinds.ts";
import { moneyOf, moneyText } from "./tokens.ts";

/** A value as its field shows it now: of the field's kind, or as it was, saying that it could not be converted. */
export const shownValue = (field: Field, value: CustomValue): CustomValue => {
  const { kind } = field;
  if (kindOf(value) === kind || !isKeptKind(kind)) return value;
  return converted(field, value) ?? { ...value, problem: "NOT_CONVERTED" };
};

/**
 * A value of another kind as one that its field takes now, by way of its text; undefined where it cannot be that. What is
 * of the field's kind is not asked about: it was checked when it was set.
 */
export const converted = (field: Field, value: CustomValue): CustomValue | undefined => {
  const { kind } = field;
  if (!isKeptKind(kind)) return undefined;
  const text = textOf(field, value, kind);
  const made = text === undefined ? undefined : madeOf(field, kind, text.trim());
  if (made === undefined) return undefined;
  const kept = checkedValue(field, made, kind);
  return isReason(kept) ? undefined : kept;
};

const textOf = (field: Field, value: CustomValue, to: KeptKind): string | undefined => {
  const kind = kindOf(value);
  if (kind === undefined) return undefined;
  if (kind === "CHOICES") {
    return to === "TEXT" || value.choices.length === 1 ? value.choices.join(", ") : undefined;
  }
  if (kind === "MONEY") {
    const { currencyCode = "", units = 0n, nanos = 0 } = value.money ?? {};
    const text = moneyText(currencyCode, units, nanos);
    // A number that counts the currency says the amount whole.
    return to === "NUMBER" && field.unit === currencyCode ? text.slice(currencyCode.length + 1) : text;
  }
  return String(value[properties[kind]]);
};

const madeOf = (field: Field, kind: KeptKind, text: string): CustomValue | undefined => {
  switch (kind) {
    case "NUMBER":
      return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? valueOf("NUMBER", Number(text)) : undefined;
    case "BOOLEAN": {
      const answer = answers.get(text.toLowerCase());
      return answer === undefined ? undefined : valueOf("BOOLEAN", answer);
    }
    case "MONEY": {
      const amount = moneyOf(/^-?\d/.test(text) && field.currencyCode !== "" ? `${field.currencyCode} ${text}` : text);
      return amount && valueOf("MONEY", amount);
    }
    case "DATE":
      return valueOf("DATE", isoDay(text));
    case "CHOICE":
      return valueOf("CHOICE", choiceNamed(field, text));
    case "CHOICES": {
      const names = text.split(/[,，、;；]/).map((name) => name.trim());
      return valueOf(
        "CHOICES",
        names.filter((name) => name !== "").map((name) => choiceNamed(field, name)),
      );
    }
    default:
      return valueOf(kind, text);
  }
};

const answers: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "1", "是"].map((text) => [text, true] as const),
  ...["false", "no", "0", "否"].map((text) => [text, false] as const),
]);

/** `2026/1/5`, `2026.1.5` and `2026年1月5日` → `2026-01-05`: what begins with the year can be read in one way only. */
const isoDay = (text: string): string => {
  const [, year, month = "", day = ""] = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text) ?? [];
  return year === undefined ? text : `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
};

/** The id of the choice that people read by this name in any language; what is none stays as it is. */
const choiceNamed = ({ choices, offered }: Field, text: string): string => {
  if (offered?.has(text)) return text;
  const named = choices.find(({ displayName }) => displayName?.en === text || displayName?.zh === text);
  return named?.id ?? text;
};
