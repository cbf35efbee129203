import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { type Path, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/** A value of a shared type that breaks that type's own rules, which no field rule states. */
export type CommonTypeViolation = { readonly field: Path; readonly ruleId: string };

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

/** Finds impossible dates and malformed amounts anywhere in a message; undefined when it can hold none. */
export const commonTypeCheck = (message: DescMessage): ((value: Message) => CommonTypeViolation[]) | undefined => {
  if (!holds(message, new Set())) return undefined;
  return (value) => {
    const violations: CommonTypeViolation[] = [];
    walk(reflect(message, value), [], violations);
    return violations;
  };
};

const holds = (message: DescMessage, seen: Set<DescMessage>): boolean => {
  if (message.typeName in checks) return true;
  if (seen.has(message)) return false;
  seen.add(message);
  return message.fields.some((field) => field.message !== undefined && holds(field.message, seen));
};

const walk = (message: ReflectMessage, path: Path, violations: CommonTypeViolation[]): void => {
  const check = checks[message.desc.typeName];
  if (check !== undefined) {
    const ruleId = check(message);
    if (ruleId !== undefined) violations.push({ field: path, ruleId });
    return;
  }
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "message") walk(message.get(field), [...path, field], violations);
    if (field.fieldKind === "list" && field.listKind === "message") {
      let index = 0;
      for (const item of message.get(field)) {
        walk(item as ReflectMessage, [...path, field, { kind: "list_sub", index }], violations);
        index += 1;
      }
    }
  }
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
