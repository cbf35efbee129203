import type { Money } from "@keynode/contracts/google/type/money";

/** All that a decision about an account may know besides its arguments. */
export type AccountContext = {
  readonly now: Date;
  /** The parent that the command names and the accounts above it, nearest first; empty when there is no such parent. */
  readonly ancestors: readonly string[];
  /** What the account's recorded purchases come to now. */
  readonly purchases: { readonly count: number; readonly totals: readonly Money[] };
};
