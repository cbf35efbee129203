import { grantedScope, type Principal } from "@keynode/auth/principal";
import type { LocalizedText } from "@keynode/contracts/crm/chassis/v1/localized_text";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import {
  type Form,
  type Form_Entry,
  type ResolvedForm,
  ResolvedForm_Entry,
  type ResolvedForm_Section,
} from "@keynode/contracts/crm/identity/v1/form";
import type { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import type { Locale } from "@keynode/decider/error-table";
import type { Holder } from "@keynode/fields/holders";
import { settableFields, standardEntry } from "./standard-fields.ts";

/** What a form is resolved from. */
export type FormParts = {
  readonly holder: Holder;
  /** Undefined or deleted: the form follows from the fields. */
  readonly form: Form | undefined;
  readonly customFields: readonly CustomField[];
  readonly vocabularies: readonly Vocabulary[];
};

/** For whom it is resolved. */
export type Reader = {
  readonly principal: Principal;
  readonly locale: Locale;
  /** Empty: every entry is there, with the statuses that it is shown in. */
  readonly status: string;
};

/** The heading of the fields that the contract has, and of those that a form does not name. */
const headings = { own: { en: "Details", zh: "基本信息" }, custom: { en: "More", zh: "更多信息" } } as const;

const prefix = "customFields.";

/** Resolves a form for one caller: what to draw, in which order, in whose language, and what of it may be changed. */
export const resolveForm = (parts: FormParts, reader: Reader): ResolvedForm => {
  const { holder, form } = parts;
  const { locale, principal } = reader;
  const { collection } = holder;
  const drawn = form?.deleteTime === undefined ? form : undefined;
  const seesSensitive = grantedScope(principal, `${collection}.readSensitive`) !== undefined;
  const changes = ["create", "update"].some((verb) => grantedScope(principal, `${collection}.${verb}`) !== undefined);

  const entries = new Map<string, ResolvedForm_Entry>();
  for (const field of settableFields(holder)) {
    const { entry, sensitive } = standardEntry(field, locale);
    entries.set(entry.field, { ...entry, masked: sensitive && !seesSensitive });
  }
  const custom = parts.customFields
    .filter(({ deleteTime, retireTime }) => deleteTime === undefined && retireTime === undefined)
    .filter(({ readerRoleIds }) => holdsAny(principal, readerRoleIds))
    .filter(({ sensitive }) => !sensitive || seesSensitive)
    .toSorted((a, b) => a.position - b.position || (a.key < b.key ? -1 : 1));
  for (const field of custom) {
    const entry = customEntry(field, reader);
    entries.set(entry.field, { ...entry, masked: ["PHONE", "EMAIL"].includes(field.kind) && !seesSensitive });
  }

  const named = new Set(drawn?.sections.flatMap(({ entries: own }) => own.map(({ field }) => field)));
  const others = [...entries.keys()].filter((field) => !named.has(field));
  const sections: ResolvedForm_Section[] =
    drawn === undefined
      ? [
          section(headings.own[locale], others.filter((field) => !field.startsWith(prefix)).map(plain)),
          ...sectionsOf(others.filter((field) => field.startsWith(prefix))),
        ]
      : [
          ...drawn.sections.map(({ displayName, entries: own }) => section(textOf(displayName, locale), own)),
          // A field that was made after the form is shown all the same.
          section(headings.custom[locale], others.filter((field) => field.startsWith(prefix)).map(plain)),
        ];
  return { collection, formId: drawn?.id ?? "", sections: sections.filter((each) => each.entries.length > 0) };

  function plain(field: string): Form_Entry {
    return { field, displayName: undefined, required: false, readOnly: false, hidden: false, statuses: [] };
  }

  /** Custom fields under the headings that they name themselves. */
  function sectionsOf(fields: readonly string[]): ResolvedForm_Section[] {
    const byKey = new Map(custom.map((field) => [`${prefix}${field.key}`, field]));
    const grouped = Map.groupBy(
      fields,
      (field) => textOf(byKey.get(field)?.section, locale) || headings.custom[locale],
    );
    return [...grouped].map(([name, own]) => section(name, own.map(plain)));
  }

  function section(name: string, own: readonly Form_Entry[]): ResolvedForm_Section {
    return { name, entries: own.flatMap((each) => resolved(each)) };
  }

  function resolved({ field, displayName, required, readOnly, hidden, statuses }: Form_Entry): ResolvedForm_Entry[] {
    const entry = entries.get(field);
    const isShown = reader.status === "" || statuses.length === 0 || statuses.includes(reader.status);
    if (entry === undefined || hidden || !isShown) return [];
    const isRequired = entry.required || required || entry.requiredFrom.includes(reader.status);
    return [
      {
        ...withChoices(entry, parts.vocabularies, locale),
        name: textOf(displayName, locale) || entry.name,
        required: isRequired && entry.kind !== "FORMULA",
        readOnly: entry.readOnly || readOnly || !changes,
        statuses: reader.status === "" ? statuses : [],
      },
    ];
  }
};

const customEntry = (field: CustomField, { locale, principal }: Reader): ResolvedForm_Entry =>
  ResolvedForm_Entry.fromPartial({
    field: `${prefix}${field.key}`,
    kind: field.kind === "UNRECOGNIZED" ? "KIND_UNSPECIFIED" : field.kind,
    name: textOf(field.displayName, locale) || field.key,
    help: textOf(field.helpText, locale),
    required: field.required,
    readOnly: field.kind === "FORMULA" || !holdsAny(principal, field.writerRoleIds),
    choices: field.choices
      .filter(({ retired }) => !retired)
      .map(({ id, displayName }) => ({ value: id, name: textOf(displayName, locale) || id, color: "" })),
    vocabulary: field.vocabulary,
    referenceCollection: field.referenceCollection,
    maxLength: field.maxLength,
    pattern: field.pattern,
    min: field.min,
    max: field.max,
    unit: field.unit,
    requiredFrom: field.requiredFrom,
  });

/** An entry of a vocabulary with what the tenant offers now. */
const withChoices = (
  entry: ResolvedForm_Entry,
  vocabularies: readonly Vocabulary[],
  locale: Locale,
): ResolvedForm_Entry => {
  const vocabulary = vocabularies.find(({ key, deleteTime }) => key === entry.vocabulary && deleteTime === undefined);
  if (entry.vocabulary === "" || vocabulary === undefined) return entry;
  const choices = vocabulary.values
    .filter(({ retired }) => !retired)
    .map(({ key, displayName, color }) => ({ value: key, name: textOf(displayName, locale) || key, color }));
  return { ...entry, choices, open: vocabulary.open };
};

const holdsAny = ({ roles }: Principal, wanted: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some((role) => roles.includes(role));

/** A text in a language, or in the other one where it was left out. */
const textOf = (text: LocalizedText | undefined, locale: Locale): string =>
  text === undefined ? "" : text[locale] || text[locale === "en" ? "zh" : "en"];
