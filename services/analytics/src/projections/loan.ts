import { contended } from "@keynode/aggregate/contended";
import type { FindById } from "@keynode/messaging/gathered-find";
import type { RowKeys, RowPlace, Table } from "@keynode/messaging/table";
import type { Collection, UpdateFilter } from "mongodb";

/** A row of a table whose fields are not known here, besides what it borrowed. */
type AnyRow = RowKeys & { readonly lent?: Readonly<Record<string, number>>; readonly [field: string]: unknown };

/** A field's value, and the version of the row that it is from; 0 when there is none. */
export type Loaned = { readonly value: unknown; readonly version: number };

/** A field that rows of one table repeat from the row of another. */
export type Loan = {
  /** What to keep in a row that names the lender `id`. */
  borrow(place: RowPlace, id: string): Promise<Loaned>;
  /** To be called after a row was kept: brings it what the lender learned meanwhile. */
  renew(place: RowPlace, id: string): Promise<void>;
  /** To be called after the lender was kept or buried: brings the value to the rows that are there. */
  lend(lender: RowPlace, value: unknown): Promise<void>;
};

/**
 * Lends `field` from the rows of one table to those of another that name them in `by`. Each side repairs what the other
 * left, and a value gives way to that of a higher version only: so whichever comes last, and however often, rows end alike.
 */
export const openLoan = <Lending extends object, Borrowing extends object>(
  lenders: Table<Lending>,
  borrowers: Table<Borrowing>,
  {
    field,
    by,
  }: { readonly field: keyof Lending & keyof Borrowing & string; readonly by: "_id" | (keyof Borrowing & string) },
): Loan => {
  const rows = borrowers.rows as unknown as Collection<AnyRow>;
  const lenderOf = lenders.find as FindById<unknown> as FindById<AnyRow>;
  const borrowerOf = borrowers.find as FindById<unknown> as FindById<AnyRow>;
  const version = `lent.${field}`;

  const paid = ({ value, version: of }: Loaned): UpdateFilter<AnyRow> =>
    value === undefined
      ? { $set: { [version]: of }, $unset: { [field]: "" } }
      : { $set: { [version]: of, [field]: value } };

  const borrow: Loan["borrow"] = async ({ tenant }, id) => {
    const lender = id === "" ? undefined : await lenderOf({ id, tenant });
    return { value: lender?.[field], version: lender?.version ?? 0 };
  };

  return {
    borrow,
    renew: async (place, id) => {
      if (id === "") return;
      const [borrower, loaned] = await Promise.all([borrowerOf(place), borrow(place, id)]);
      const has = borrower?.lent?.[field];
      if (borrower?.[by] !== id || has === undefined || has >= loaned.version) return;
      const { id: _id, tenant } = place;
      await rows.updateOne({ $and: [{ _id, tenant, [version]: { $lt: loaned.version } }, { [by]: id }] }, paid(loaned));
    },
    lend: async ({ id, tenant, version: of }, value) => {
      // Another lender's rows are partly these, and come in another order.
      await contended(() =>
        rows.updateMany({ tenant, [by]: id, [version]: { $lt: of } }, paid({ value, version: of })),
      );
    },
  };
};
