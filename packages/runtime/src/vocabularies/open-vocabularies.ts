import type { Vocabularies, VocabularyEntry } from "@keynode/grpc/vocabularies";
import type { Notices } from "../access/bus-notices.ts";
import { awaitedPart } from "../copies/awaited-part.ts";
import { heldByTenant } from "../copies/held-by-tenant.ts";
import { type VocabularyCopy, type VocabularyRow, vocabularyChanges } from "../copies/vocabularies.ts";
import { builtInVocabularies } from "./built-in.ts";

export type OpenVocabularies = Vocabularies & { readonly notices: Notices };

type Book = ReadonlyMap<string, VocabularyEntry>;

/** The tenants' vocabularies in memory, as the service's copy has what tenants changed and the platform the rest. */
export const openVocabularies = (copy: VocabularyCopy, now: () => Date, clockMs?: () => number): OpenVocabularies => {
  const held = heldByTenant(async (tenant): Promise<Book> => {
    const rows = await copy
      .tables()
      .vocabularies.find({ tenant, deleted: { $ne: true } })
      .toArray();
    return bookOf(rows);
  }, clockMs);

  return {
    of: held.of,
    having: async (tenant, has) => {
      const { part, isWhole } = await awaitedPart(held, copy, tenant, has, now);
      return isWhole ? part : undefined;
    },
    notices: { from: { identity: vocabularyChanges }, heard: held.changed, missed: held.forget },
  };
};

const builtIn: Book = new Map(
  [...builtInVocabularies].map(([key, { open, values }]) => [
    key,
    { open, retired: new Map(values.map((value) => [value.key, value.retired])) },
  ]),
);

/** What the platform gives every tenant, and over it what this one has changed. */
const bookOf = (rows: readonly VocabularyRow[]): Book => {
  if (rows.length === 0) return builtIn;
  const own = rows.map(({ key, open, values }): [string, VocabularyEntry] => [
    key,
    {
      open,
      retired: new Map([
        ...(builtIn.get(key)?.retired ?? []),
        ...values.map((value): [string, boolean] => [value.key, value.retired]),
      ]),
    },
  ]);
  return new Map([...builtIn, ...own]);
};
