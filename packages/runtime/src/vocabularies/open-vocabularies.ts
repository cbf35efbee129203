import { awaitCopy, patienceMs } from "@keynode/api/own-copy";
import { boundedCache } from "@keynode/auth/bounded-cache";
import type { Vocabularies, VocabularyEntry } from "@keynode/grpc/vocabularies";
import type { Notices } from "../access/bus-notices.ts";
import { type VocabularyCopy, type VocabularyRow, vocabularyChanges } from "../copies/vocabularies.ts";
import { builtInVocabularies } from "./built-in.ts";

/** Tenants whose vocabularies are held in memory. */
const heldTenants = 1_000;
/** They are read anew after so long even if nothing was heard of a change: the bus may have been away. */
const heldMs = 60_000;
/** For so long after a change was heard the copy may lack it, and they are read again and again. */
const unsettledMs = 2_000;
const rereadMs = 100;

export type OpenVocabularies = Vocabularies & { readonly notices: Notices };

type Book = ReadonlyMap<string, VocabularyEntry>;

/** The tenants' vocabularies in memory, as the service's copy has what tenants changed and the platform the rest. */
export const openVocabularies = (
  copy: VocabularyCopy,
  now: () => Date,
  clockMs: () => number = () => performance.now(),
): OpenVocabularies => {
  type Held = { readonly book: Promise<Book>; readonly untilMs: number };
  let held = boundedCache<Held>(heldTenants);
  const changedMs = boundedCache<number>(heldTenants);

  const read = async (tenant: string): Promise<Book> => {
    const rows = await copy
      .tables()
      .vocabularies.find({ tenant, deleted: { $ne: true } })
      .toArray();
    return bookOf(rows);
  };

  return {
    of: (tenant) => {
      const nowMs = clockMs();
      const known = held.get(tenant);
      if (known !== undefined && nowMs < known.untilMs) return known.book;
      const isUnsettled = nowMs < (changedMs.get(tenant) ?? Number.NEGATIVE_INFINITY) + unsettledMs;
      const book = read(tenant);
      held.set(tenant, { book, untilMs: nowMs + (isUnsettled ? rereadMs : heldMs) });
      book.catch(() => held.delete(tenant));
      return book;
    },
    caughtUp: async (tenant) => {
      const asked = now();
      const reached = await awaitCopy(async () => {
        const asOf = await copy.asOf();
        return asOf !== undefined && asOf >= asked ? true : undefined;
      }, patienceMs);
      held.delete(tenant);
      return reached === true;
    },
    notices: {
      from: { identity: vocabularyChanges },
      heard: (tenant) => {
        changedMs.set(tenant, clockMs());
        held.delete(tenant);
      },
      missed: () => {
        held = boundedCache<Held>(heldTenants);
      },
    },
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
