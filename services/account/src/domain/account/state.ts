import type { Account } from "@keynode/contracts/crm/account/v1/account";

/** An account as stored: the resource and what only this service needs. */
export type AccountState = Account & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** The external key, while it is held: absent when empty or deleted. */
  uniqueKey?: string | undefined;
};
