import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { fieldBehavior, fieldRules } from "@keynode/contracts/descriptors";
import { isReflectList, type Path, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { isMaskedText, isTextMask, type TextMask } from "./masking/masked-text.ts";

/** What the contract demands beyond the rules of buf.validate. */
export type ContractViolation = { readonly field: Path; readonly ruleId: string };

type Check = (message: ReflectMessage) => string | undefined;

/** google.type's own words on when their values are valid. */
const checks: Readonly<Record<string, Check>> = {
  "google.type.Date": (date) =>
    isCalendarDate(number(date, "year"), number(date, "month"), number(date, "day")) ? undefined : "date.valid",
  "google.type.Money": (money) => {
    const units = money.get(fieldOf(money.desc, "units")) as bigint;
    const nanos = number(money, "nanos");
    const currency = money.get(fieldOf(money.desc, "currency_code"));
    if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) return "money.currency_code";
    if (Math.abs(nanos) > 999_999_999) return "money.nanos";
    return (units > 0n && nanos < 0) || (units < 0n && nanos > 0) ? "money.sign" : undefined;
  },
};

/**
 * Finds impossible dates, malformed amounts and masked values anywhere in a message, and, where `demandsRequired`,
 * fields within it that are REQUIRED (AIP-203) and empty: `buf.validate` cannot ask for those, since an update sends
 * parts of a resource. Undefined when a message can break none of this.
 */
export const contractCheck = (
  message: DescMessage,
  demandsRequired: boolean,
): ((value: Message) => ContractViolation[]) | undefined => {
  const facts = new Map<DescMessage, Facts>();
  const concerned = gather(message, facts, demandsRequired);
  if (!concerned) return undefined;
  return (value) => {
    const violations: ContractViolation[] = [];
    walk(reflect(message, value), [], facts, violations);
    return violations;
  };
};

/** What is looked at in one kind of message. */
type Facts = {
  readonly check: Check | undefined;
  /** Fields that must not be empty. */
  readonly required: readonly DescField[];
  /** Fields whose values callers may have been shown masked: what they read so must not overwrite what is there. */
  readonly masked: readonly { readonly field: DescField; readonly mask: TextMask }[];
  /** Fields that lead to messages; those that only the service sets are none of a request's business. */
  readonly inner: readonly DescField[];
};

/** Learns about a message and all it can hold; true when there is anything to check. */
const gather = (message: DescMessage, facts: Map<DescMessage, Facts>, demandsRequired: boolean): boolean => {
  if (facts.has(message)) return false;
  const settable = message.fields.filter((field) => !fieldBehavior(field).includes("OUTPUT_ONLY"));
  const isRequest = facts.size === 0;
  const check = checks[message.typeName];
  const required =
    demandsRequired && !isRequest ? settable.filter((field) => fieldBehavior(field).includes("REQUIRED")) : [];
  const masked = settable.flatMap((field) => {
    const { sensitive, mask } = fieldRules(field);
    return sensitive && mask !== undefined && isTextMask(mask) ? [{ field, mask }] : [];
  });
  const inner = check === undefined ? settable.filter((field) => field.message !== undefined) : [];
  facts.set(message, { check, required, masked, inner });
  const below = inner.map((field) => field.message !== undefined && gather(field.message, facts, demandsRequired));
  return check !== undefined || required.length > 0 || masked.length > 0 || below.includes(true);
};

const walk = (
  message: ReflectMessage,
  path: Path,
  facts: ReadonlyMap<DescMessage, Facts>,
  violations: ContractViolation[],
): void => {
  const { check, required = [], masked = [], inner = [] } = facts.get(message.desc) ?? {};
  const ruleId = check?.(message);
  if (ruleId !== undefined) violations.push({ field: path, ruleId });
  for (const field of required) {
    if (!message.isSet(field)) violations.push({ field: [...path, field], ruleId: "required" });
  }
  for (const { field, mask } of masked) {
    for (const text of textsOf(message, field)) {
      if (isMaskedText(mask, text)) violations.push({ field: [...path, field], ruleId: "masked_value" });
    }
  }
  for (const field of inner) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "message") walk(message.get(field), [...path, field], facts, violations);
    if (field.fieldKind === "list" && field.listKind === "message") {
      let index = 0;
      for (const item of message.get(field)) {
        walk(item as ReflectMessage, [...path, field, { kind: "list_sub", index }], facts, violations);
        index += 1;
      }
    }
  }
};

/** The texts of a field, whether it holds one or a list of them. */
const textsOf = (message: ReflectMessage, field: DescField): readonly string[] => {
  const value: unknown = message.get(field);
  const texts: readonly unknown[] = isReflectList(value) ? [...value] : [value];
  return texts.filter((text) => typeof text === "string");
};

const fieldOf = (message: DescMessage, name: string): DescField => {
  const field = message.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new TypeError(`${message.typeName} has no field ${name}`);
  return field;
};

const number = (message: ReflectMessage, name: string): number => Number(message.get(fieldOf(message.desc, name)));

/** A whole date of the years 1 to 9999: partial dates mean nothing to us. */
const isCalendarDate = (year: number, month: number, day: number): boolean => {
  if (year < 1 || year > 9999) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
};
