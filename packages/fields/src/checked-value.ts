import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { registry, resourceRules } from "@keynode/contracts/descriptors";
import type { Money } from "@keynode/contracts/google/type/money";
import { normalisePhone } from "./contact-point.ts";
import type { FieldReason } from "./field-errors.ts";
import type { Field } from "./field.ts";
import { type KeptKind, kindOf, properties, valueOf } from "./kinds.ts";

/** Characters of a text that sets no limit of its own. */
const maxTextLength = 10_000;
const nanosPerUnit = 1e9;

type Check<Kind extends KeptKind> = (
  given: NonNullable<CustomValue[(typeof properties)[Kind]]>,
  field: Field,
) => NonNullable<CustomValue[(typeof properties)[Kind]]> | { readonly reason: FieldReason };

const wrong = (reason: FieldReason) => ({ reason });

/** Each kind's own rules: what is kept, or what is wrong. */
const checks: { readonly [Kind in KeptKind]: Check<Kind> } = {
  TEXT: (text, { maxLength = maxTextLength, matches }) => {
    if (Array.from(text).length > maxLength) return wrong("CUSTOM_FIELD_TOO_LONG");
    return matches === undefined || matches(text) ? text : wrong("CUSTOM_FIELD_PATTERN");
  },
  NUMBER: (number, field) => {
    if (!Number.isFinite(number)) return wrong("CUSTOM_FIELD_MALFORMED");
    // A minus before zero is kept by no filter.
    return within(number, field) ? number + 0 : wrong("CUSTOM_FIELD_OUT_OF_RANGE");
  },
  MONEY: (money, field) => {
    if (!isMoney(money)) return wrong("CUSTOM_FIELD_MALFORMED");
    if (!["", money.currencyCode].includes(field.currencyCode)) return wrong("CUSTOM_FIELD_OTHER_CURRENCY");
    return within(Number(money.units) + money.nanos / nanosPerUnit, field) ? money : wrong("CUSTOM_FIELD_OUT_OF_RANGE");
  },
  DATE: (date) => (isDate(date) ? date : wrong("CUSTOM_FIELD_MALFORMED")),
  BOOLEAN: (boolean) => boolean,
  CHOICE: (choice, field) => (offers(field, choice) ? choice : wrong("CUSTOM_FIELD_NO_CHOICE")),
  CHOICES: (choices, field) =>
    choices.every((choice) => offers(field, choice)) ? [...new Set(choices)] : wrong("CUSTOM_FIELD_NO_CHOICE"),
  REFERENCE: (id, { referenceCollection }) =>
    id.startsWith(`${typeOf(referenceCollection) ?? ""}_`) ? id : wrong("CUSTOM_FIELD_MALFORMED"),
  PHONE: (phone) => normalisePhone(phone) ?? wrong("CUSTOM_FIELD_MALFORMED"),
  EMAIL: (email) => keptEmail(email) ?? wrong("CUSTOM_FIELD_MALFORMED"),
  URL: (url) => (isUrl(url) ? url : wrong("CUSTOM_FIELD_MALFORMED")),
};

/** A value in the form in which its field keeps it, or why the field cannot have it. */
export const checkedValue = (
  field: Field,
  given: CustomValue,
  kind: KeptKind,
): CustomValue | { readonly reason: FieldReason } => {
  if (kindOf(given) !== kind) return wrong("CUSTOM_FIELD_WRONG_KIND");
  const check = checks[kind] as Check<KeptKind>;
  const kept = check(given[properties[kind]] as never, field);
  return isReason(kept) ? kept : valueOf(kind, kept as never);
};

export const isReason = (outcome: unknown): outcome is { readonly reason: FieldReason } =>
  typeof outcome === "object" && outcome !== null && "reason" in outcome;

const within = (amount: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Field): boolean =>
  amount >= min && amount <= max;

const isMoney = ({ currencyCode, units, nanos }: Money): boolean =>
  /^[A-Z]{3}$/.test(currencyCode) &&
  Math.abs(nanos) < nanosPerUnit &&
  !(units > 0n && nanos < 0) &&
  !(units < 0n && nanos > 0);

/** A day that the calendar has, from 0001-01-01 to 9999-12-31. */
export const isDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < "0001") return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text;
};

/** A choice that is retired is had by records only that have it already. */
const offers = ({ offered }: Field, choice: string): boolean => offered === undefined || offered.get(choice) === true;

const keptEmail = (text: string): string | undefined => {
  const [, name, domain] = /^([^\s@]{1,64})@([^\s@.]+(?:\.[^\s@.]+)+)$/.exec(text.normalize("NFKC").trim()) ?? [];
  return name === undefined || domain === undefined ? undefined : `${name}@${domain.toLowerCase()}`;
};

const isUrl = (text: string): boolean => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);

let typesByCollection: ReadonlyMap<string, string> | undefined;

/** What the ids of a collection's records begin with; undefined where the contract has no such collection. */
export const typeOf = (collection: string): string | undefined => {
  typesByCollection ??= new Map(
    [...registry()].flatMap((message) => {
      const rules = message.kind === "message" ? resourceRules(message) : undefined;
      return rules === undefined ? [] : [[rules.collection, rules.type] as const];
    }),
  );
  return typesByCollection.get(collection);
};
