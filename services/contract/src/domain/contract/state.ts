import type { Contract, Contract_Clause, Contract_Party } from "@keynode/contracts/crm/contract/v1/contract";

/** A contract as stored: the resource and what only this service needs. */
export type ContractState = Contract & {
  /** Clauses ever added; the next one's id follows from it, so that none is given twice. */
  clauseCount?: number | undefined;
  /** Who proposed a clause's present wording, by its id; nobody did the draft's. */
  proposers?: Readonly<Record<string, Contract_Party>> | undefined;
  /** Pinyin form of the title, for sorting. */
  titleKey?: string | undefined;
  /** The day of signing as `YYYY-MM-DD`, for filtering and sorting. */
  signedOn?: string | undefined;
};

/** The two sides of a contract. */
export const parties: readonly Contract_Party[] = ["OURS", "THEIRS"];

/** Clauses that a contract may have. */
export const clauseLimit = 100;

/** A clause as it begins: nobody has accepted it. `count` is how many there were before it. */
export const newClause = (
  { title, text }: Pick<Contract_Clause, "title" | "text">,
  count: number,
): Contract_Clause => ({
  id: `c${count + 1}`,
  title,
  text,
  status: "OPEN",
  round: 0,
  acceptedBy: [],
});
