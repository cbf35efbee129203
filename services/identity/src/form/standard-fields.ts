import { type DescField, getOption, hasOption } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { ResolvedForm_Entry } from "@keynode/contracts/crm/identity/v1/form";
import { fieldBehavior, fieldRules, registry, resourceRules } from "@keynode/contracts/descriptors";
import type { Locale } from "@keynode/decider/error-table";
import { customFieldsOf, type Holder } from "@keynode/fields/holders";
import { fieldNames, valueNames } from "./field-names.ts";

/** A field of the contract as a form shows it, and whether its values are sensitive. */
export type StandardEntry = { readonly entry: ResolvedForm_Entry; readonly sensitive: boolean };

/** Fields that are no part of filling a record in. */
const apart: ReadonlySet<string> = new Set(["id", "etag", "owner_id", "team_id"]);

/** The fields that a collection's records have in every tenant and that callers set, in the contract's order. */
export const settableFields = ({ message }: Pick<Holder, "message">): readonly DescField[] =>
  message.fields.filter(
    (field) =>
      !apart.has(field.name) && field !== customFieldsOf(message) && !fieldBehavior(field).includes("OUTPUT_ONLY"),
  );

/** One field of the contract as forms show it. */
export const standardEntry = (field: DescField, locale: Locale): StandardEntry => {
  const { sensitive, vocabulary = "" } = fieldRules(field);
  const own = rulesOf(field);
  const rules = field.fieldKind === "list" ? (own.child("repeated")?.child("items") ?? NO_RULES) : own;
  const reference = referenceOf(rules.child("string")?.text("pattern") ?? "");
  const number = NUMBERS.map((kind) => rules.child(kind)).find((each) => each !== undefined);
  const entry = ResolvedForm_Entry.fromPartial({
    field: field.jsonName,
    kind: reference === "" ? kindOf(field, vocabulary) : "REFERENCE",
    name: fieldNames[field.jsonName]?.[locale] ?? field.jsonName,
    required: fieldBehavior(field).includes("REQUIRED"),
    choices: choicesOf(field, locale),
    vocabulary,
    referenceCollection: reference,
    pattern: reference === "" ? (rules.child("string")?.text("pattern") ?? "") : "",
    minLength: rules.child("string")?.number("min_len"),
    maxLength: rules.child("string")?.number("max_len"),
    min: number?.number("gte") ?? number?.number("gt"),
    max: number?.number("lte") ?? number?.number("lt"),
    maxItems: own.child("repeated")?.number("max_items"),
  });
  return { entry, sensitive };
};

const NUMBERS = ["int32", "int64", "double"] as const;

const kindOf = (field: DescField, vocabulary: string): ResolvedForm_Entry["kind"] => {
  const isList = field.fieldKind === "list";
  if (vocabulary !== "" || field.enum !== undefined) return isList ? "CHOICES" : "CHOICE";
  const { mask } = fieldRules(field);
  if (mask === "PHONE" || mask === "EMAIL") return mask;
  switch (field.message?.typeName) {
    case undefined:
      break;
    case "google.type.Money":
      return "MONEY";
    case "google.type.Date":
      return "DATE";
    case "google.protobuf.Timestamp":
      return "TIME";
    default:
      return "COMPOUND";
  }
  // protobuf's numbers of its scalar types: string, bool
  if (field.scalar === 9) return rulesOf(field).child("string")?.flag("uri") === true ? "URL" : "TEXT";
  return field.scalar === 8 ? "BOOLEAN" : "NUMBER";
};

const choicesOf = (field: DescField, locale: Locale): ResolvedForm_Entry["choices"] =>
  (field.enum?.values ?? [])
    .filter(({ number }) => number !== 0)
    .map(({ name }) => ({ value: name, name: valueNames[name]?.[locale] ?? name, color: "" }));

/** `^account_[0-7]…$` is the id of an account; an id of several types is nobody's to choose from one list. */
const referenceOf = (pattern: string): string => {
  const type = /^\^([a-z]+)_\[0-7\]/.exec(pattern)?.[1];
  return type === undefined ? "" : (collections().get(type) ?? "");
};

let known: ReadonlyMap<string, string> | undefined;

const collections = (): ReadonlyMap<string, string> =>
  (known ??= new Map(
    [...registry()].flatMap((message) => {
      const rules = message.kind === "message" ? resourceRules(message) : undefined;
      return rules === undefined ? [] : [[rules.type, rules.collection] as const];
    }),
  ));

/** The rules of buf.validate, whose schema is known at run time only. */
type Rules = {
  child(name: string): Rules | undefined;
  text(name: string): string;
  flag(name: string): boolean;
  number(name: string): number | undefined;
};

const NO_RULES: Rules = { child: () => undefined, text: () => "", flag: () => false, number: () => undefined };

const rulesOf = (field: DescField): Rules => {
  const option = registry().getExtension("buf.validate.field");
  if (option?.message === undefined || !hasOption(field, option)) return NO_RULES;
  return reading(reflect(option.message, getOption(field, option) as never));
};

const reading = (message: ReflectMessage): Rules => {
  const valueOf = (name: string): unknown => {
    const found = message.fields.find((field) => field.name === name);
    return found !== undefined && message.isSet(found) ? message.get(found) : undefined;
  };
  return {
    child: (name) => {
      const found = message.fields.find((field) => field.name === name);
      return found?.fieldKind === "message" && message.isSet(found) ? reading(message.get(found)) : undefined;
    },
    text: (name) => {
      const value = valueOf(name);
      return typeof value === "string" ? value : "";
    },
    flag: (name) => valueOf(name) === true,
    number: (name) => {
      const value = valueOf(name);
      return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
    },
  };
};
