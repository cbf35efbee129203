import type { DescMethod } from "@bufbuild/protobuf";
import { fieldRules, type MethodRules } from "@keynode/contracts/descriptors";
import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";
import { type Locale, refusalMessage } from "@keynode/decider/error-table";
import { type Brought, broughtBy, type MarkedFields, markedFields } from "./brought.ts";
import { chassisErrors } from "./chassis-errors.ts";

/** What a tenant has decided about one vocabulary. */
export type VocabularyEntry = {
  /** Its values are proposals: other texts are taken too. */
  readonly open: boolean;
  /** Whether each of its values is retired. */
  readonly retired: ReadonlyMap<string, boolean>;
};

/** The tenants' vocabularies, as a service has them. */
export type Vocabularies = {
  /** Those of a tenant by their keys. */
  of(tenant: string): Promise<VocabularyBook>;
  /**
   * The same with all that was decided before this call: waits, for moments only, until what is looked for is there, or
   * is known not to be. Undefined when it cannot be told.
   */
  having(tenant: string, has: (book: VocabularyBook) => boolean): Promise<VocabularyBook | undefined>;
};

/** A tenant's vocabularies by their keys. */
export type VocabularyBook = ReadonlyMap<string, VocabularyEntry>;

/** A value that a vocabulary has retired, in an update: the record may have it already. */
export type RetiredValue = {
  /** Names of the fields that lead to it from the request, as messages have them. */
  readonly path: readonly string[];
  readonly value: string;
  readonly violation: FieldViolation;
};

/** Where a method's request holds values of vocabularies. */
export type VocabularyPlaces = {
  readonly plan: MarkedFields<string>;
  readonly isUpdate: boolean;
  readonly itemsField: string | undefined;
};

/** Finds the fields of a request that take values of vocabularies; undefined where it has none. */
export const vocabularyPlaces = (
  { name, input }: DescMethod,
  { effect, public: isPublic }: MethodRules,
  itemsField: string | undefined,
): VocabularyPlaces | undefined => {
  if (effect === "READ" || isPublic) return undefined;
  const plan = markedFields(input, (field) => fieldRules(field).vocabulary);
  return plan && { plan, isUpdate: name.startsWith("Update"), itemsField };
};

/** One value that a request brings, marked with the key of its vocabulary. */
type Value = Brought<string>;

/** What is wrong with the values of a request. */
export type VocabularyVerdict = {
  readonly refusal?: DomainError;
  readonly items?: ReadonlyMap<number, DomainError>;
  readonly retired?: readonly RetiredValue[];
};

const NOTHING_WRONG: VocabularyVerdict = {};

/**
 * Judges the values that a request brings by the tenant's vocabularies. One that is not known is waited for: it may have
 * been added a moment ago. Of a batch the refused items are named by their
 * index; retired values in an update are left to who knows the record. Errors: INVALID_REQUEST naming each field;
 * PROJECTION_LAGGING while nobody can tell.
 */
export const judgeVocabularies = async (
  { plan, isUpdate, itemsField }: VocabularyPlaces,
  request: unknown,
  vocabularies: Vocabularies,
  { tenant, locale }: { readonly tenant: string; readonly locale: Locale },
): Promise<VocabularyVerdict> => {
  const brought = broughtBy(request, plan, itemsField);
  if (brought.length === 0) return NOTHING_WRONG;
  const knowsAll = (book: VocabularyBook): boolean => brought.every((each) => standing(each, book) !== "unknown");
  const held = await vocabularies.of(tenant);
  const known = knowsAll(held) ? held : await vocabularies.having(tenant, knowsAll);
  if (known === undefined) return { refusal: reject("PROJECTION_LAGGING") };

  const wrong: { readonly brought: Value; readonly violation: FieldViolation }[] = [];
  const retired: RetiredValue[] = [];
  for (const each of brought) {
    const stands = standing(each, known);
    if (stands === "offered") continue;
    const violation = violationOf(each, stands, locale);
    if (stands === "retired" && isUpdate) retired.push({ path: each.path, value: each.value, violation });
    else wrong.push({ brought: each, violation });
  }
  const refusals = [...Map.groupBy(wrong, ({ brought: { item } }) => item)].map(
    ([item, found]) =>
      [
        item,
        reject(
          "INVALID_REQUEST",
          {},
          found.map(({ violation }) => violation),
        ),
      ] as const,
  );
  const whole = refusals.find(([item]) => item === undefined)?.[1];
  const items = new Map(refusals.flatMap(([item, refusal]) => (item === undefined ? [] : [[item, refusal] as const])));
  return { ...(whole && { refusal: whole }), items, retired };
};

type Standing = "offered" | "retired" | "unknown";

const standing = ({ mark, value }: Value, known: VocabularyBook): Standing => {
  const entry = known.get(mark);
  const isRetired = entry?.retired.get(value);
  if (isRetired === undefined) return entry?.open ? "offered" : "unknown";
  return isRetired ? "retired" : "offered";
};

const reasons = { unknown: "VOCABULARY_VALUE_UNKNOWN", retired: "VOCABULARY_VALUE_RETIRED" } as const;

const violationOf = (
  { place, mark: vocabulary }: Value,
  stands: keyof typeof reasons,
  locale: Locale,
): FieldViolation => ({
  field: place,
  reason: reasons[stands],
  description: refusalMessage(chassisErrors[reasons[stands]], locale, { vocabulary }),
});
