import { grouped } from "@keynode/messaging/grouped";
import type { RowKeys } from "@keynode/messaging/table";
import type { Collection } from "mongodb";

/** Rows per query. */
const groupRows = 128;

/** A row of a table whose fields are not known here, besides what it borrowed. */
export type AnyRow = RowKeys & { readonly lent?: Readonly<Record<string, number>>; readonly [field: string]: unknown };

/** Finds a row by its id. What is asked for while a query is under way goes out together in the next one. */
export const batchedFind = (
  rows: Collection<AnyRow>,
): ((place: { readonly id: string; readonly tenant: string }) => Promise<AnyRow | undefined>) => {
  type Question = { readonly id: string; readonly tenant: string; answer?: AnyRow };

  const ask = grouped<Question>(async (questions) => {
    const filter = {
      _id: { $in: [...new Set(questions.map(({ id }) => id))] },
      tenant: { $in: [...new Set(questions.map(({ tenant }) => tenant))] },
    };
    const found = new Map((await rows.find(filter).toArray()).map((row) => [row._id, row]));
    for (const question of questions) {
      const row = found.get(question.id);
      if (row?.tenant === question.tenant) question.answer = row;
    }
  }, groupRows);

  return async ({ id, tenant }) => {
    const question: Question = { id, tenant };
    await ask(question);
    return question.answer;
  };
};
