import { boundedCache } from "@keynode/auth/bounded-cache";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { keeperOf } from "@keynode/contracts/record-types";
import { type FieldSet, fieldSetOf, type FieldSource, noFields } from "@keynode/fields/field-set";
import { type Field, fieldOf, type TermsOf } from "@keynode/fields/field";
import { holders } from "@keynode/fields/holders";
import type { Vocabularies, VocabularyEntry } from "@keynode/grpc/vocabularies";
import type { Notices } from "../access/bus-notices.ts";
import { type FieldCopy, fieldChanges } from "../copies/custom-fields.ts";
import { vocabularyChanges } from "../copies/vocabularies.ts";
import { awaitedPart } from "../copies/awaited-part.ts";
import { heldByTenant } from "../copies/held-by-tenant.ts";

/** What a service has for its tenants' own fields. */
export type ServiceFields = {
  readonly source: FieldSource;
  /** Makes a definition ready that is not, or not yet, among them. */
  readied(tenant: string, definition: CustomField): Promise<Field>;
  readonly notices: Notices;
};

/** Whether any resource of a service takes custom fields. */
export const takesFields = (service: string): boolean =>
  [...holders().values()].some(({ message }) => keeperOf(message) === service);

/** A key that was waited for in vain is not waited for again for so long: the items of a batch may all name it. */
const unheardOfMs = 2_000;
const unheardOfKeys = 10_000;

/**
 * The tenants' fields in memory, ready for use, as the service's copy of them has it. `vocabularies` are those that
 * choices take their lists from.
 */
export const openFields = (
  copy: FieldCopy,
  vocabularies: () => Pick<Vocabularies, "of">,
  now: () => Date,
): ServiceFields => {
  const held = heldByTenant(async (tenant): Promise<ReadonlyMap<string, FieldSet>> => {
    const rows = await copy
      .tables()
      .fields.find({ tenant, deleted: { $exists: false } })
      .toArray();
    const byCollection = Map.groupBy(
      rows.map(({ definition }) => CustomField.fromPartial(definition)),
      ({ collection }) => collection,
    );
    if (byCollection.size === 0) return new Map();
    const book = await vocabularies().of(tenant);
    return new Map(
      [...byCollection].map(([collection, definitions]) => [collection, fieldSetOf(definitions, termsIn(book))]),
    );
  });
  const unheardOf = boundedCache<number>(unheardOfKeys);
  const of: FieldSource["of"] = async (tenant, collection) => (await held.of(tenant)).get(collection) ?? noFields;

  return {
    source: {
      of,
      knowing: async (tenant, collection, keys) => {
        const placeOf = (key: string): string => `${tenant}/${collection}/${key}`;
        const missing = ({ fields }: FieldSet) => keys.filter((key) => !fields.has(key));
        const set = await of(tenant, collection);
        const mayCome = missing(set).some((key) => (unheardOf.get(placeOf(key)) ?? 0) <= performance.now());
        if (!mayCome) return set;
        const has = (sets: ReadonlyMap<string, FieldSet>) => missing(sets.get(collection) ?? noFields).length === 0;
        const { part } = await awaitedPart(held, copy, tenant, has, now);
        const known = part.get(collection) ?? noFields;
        for (const key of missing(known)) unheardOf.set(placeOf(key), performance.now() + unheardOfMs);
        return known;
      },
    },
    readied: async (tenant, definition) => fieldOf(definition, termsIn(await vocabularies().of(tenant))),
    notices: {
      from: { identity: [...fieldChanges, ...vocabularyChanges] },
      heard: (tenant) => held.changed(tenant),
      missed: held.forget,
    },
  };
};

/** An open vocabulary takes other values than its own. */
const termsIn =
  (book: ReadonlyMap<string, VocabularyEntry>): TermsOf =>
  (vocabulary) => {
    const entry = book.get(vocabulary);
    if (entry === undefined || entry.open) return undefined;
    return new Map([...entry.retired].map(([key, isRetired]) => [key, !isRetired]));
  };
