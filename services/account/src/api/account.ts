import type { ContextFor } from "@keynode/aggregate/store";
import { withContactPoints } from "@keynode/api/contact-point";
import { refusalNamingHolder } from "@keynode/api/holder";
import { mayChange } from "@keynode/api/input";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import type { AccountServiceService, UpdateAccountRequest } from "@keynode/contracts/crm/account/v1/account_service";
import type { Handlers } from "@keynode/grpc/implement";
import { movingInTurns, type Turns } from "@keynode/runtime/turns";
import type { AccountStore } from "../account.ts";
import type { AccountCommand } from "../domain/account/command.ts";
import type { AccountContext } from "../domain/account/context.ts";
import type { AccountState } from "../domain/account/state.ts";
import { accountErrors } from "../domain/errors.ts";
import { accountListing } from "./list.ts";

/** One entry per rpc of AccountService. */
export const accountApi = (
  accounts: AccountStore,
  context: ContextFor<AccountState, AccountContext, AccountCommand>,
  turns: Turns,
): Handlers<typeof AccountServiceService> => {
  const rpcs = standardRpcs(accounts, {
    name: "Account",
    field: "account",
    rows: "accounts",
    typeName: "crm.account.v1.Account",
    fromPartial: Account.fromPartial,
    listing: accountListing,
    errors: accountErrors,
    context,
    normalise: (account) => withContactPoints(account, "account.phone"),
    explain: (refusal, account, call) =>
      refusal.reason === "ACCOUNT_EXISTS"
        ? refusalNamingHolder(
            accounts,
            { reason: refusal.reason, field: "accountId", path: "state.uniqueKey" },
            [account.externalKey],
            call,
          )
        : refusal,
  });
  return { ...rpcs, updateAccount: movingInTurns(turns, mayMove, rpcs.updateAccount) };
};

/** Whether the update can put the account under another one. */
const mayMove = ({ account, updateMask = [] }: UpdateAccountRequest): boolean =>
  account !== undefined && account.parentAccountId !== "" && mayChange(updateMask, "parent_account_id");
