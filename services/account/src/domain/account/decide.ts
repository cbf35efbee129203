import { deleted, edited, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { isSame } from "@keynode/decider/record";
import { checkParent } from "./check-parent.ts";
import type { AccountCommand } from "./command.ts";
import type { AccountContext } from "./context.ts";
import type { AccountEvent } from "./events.ts";
import { joinLead } from "./commands/join-lead.ts";
import { reachStage } from "./commands/reach-stage.ts";
import type { AccountState } from "./state.ts";

export const decide = decideBy<AccountCommand, AccountState, AccountEvent, AccountContext>({
  CreateAccount: ({ account }, _state, context) =>
    account === undefined ? [] : (checkParent(account, context) ?? [{ type: "AccountCreated", account }]),
  CreateFromLead: ({ account }) => [{ type: "AccountCreated", account }],
  JoinLead: onRecord(joinLead),
  ReachStage: onRecord(reachStage),
  CountPurchases: onRecord((_command, state, { purchases }) =>
    state.purchaseCount === purchases.count && isSame(state.purchaseTotals, purchases.totals)
      ? []
      : [
          {
            type: "AccountPurchasesCounted",
            purchaseCount: purchases.count,
            purchaseTotals: [...purchases.totals],
          },
        ],
  ),
  UpdateAccount: onRecord(({ account, updateMask = [] }, state, context) => {
    if (account === undefined) return [];
    const refusal = updateMask.includes("parent_account_id") ? checkParent(account, context, state.id) : undefined;
    return refusal ?? edited("Account", state, account, updateMask, context);
  }),
  ReassignAccount: onRecord((to, state) => reassigned("Account", state, to)),
  DeleteAccount: onRecord((_command, state, context) => deleted("Account", state, context)),
  UndeleteAccount: onRecord((_command, state) => restored("Account", state)),
});
