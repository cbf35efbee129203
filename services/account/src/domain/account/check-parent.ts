import type { Account } from "@keynode/contracts/crm/account/v1/account";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { AccountContext } from "./context.ts";

/** Errors: PARENT_NOT_FOUND; ACCOUNT_CYCLE when the account would stand above itself. */
export const checkParent = (
  { parentAccountId }: Account,
  { ancestors }: AccountContext,
  id?: string,
): DomainError | undefined => {
  if (parentAccountId === "") return undefined;
  const violation = (reason: string) => [{ field: "account.parent_account_id", reason }];
  if (parentAccountId === id || (id !== undefined && ancestors.includes(id))) {
    return reject("ACCOUNT_CYCLE", {}, violation("ACCOUNT_CYCLE"));
  }
  return ancestors.length === 0 ? reject("PARENT_NOT_FOUND", {}, violation("PARENT_NOT_FOUND")) : undefined;
};
