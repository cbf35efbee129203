import type { ContextFor } from "@keynode/aggregate/store";
import { findCopied } from "@keynode/api/copied";
import type { AccountStore } from "../account.ts";
import type { AccountCommand } from "../domain/account/command.ts";
import type { AccountContext } from "../domain/account/context.ts";
import type { AccountState } from "../domain/account/state.ts";
import type { ContactContext, ContactState } from "../domain/contact/rules.ts";
import type { ContactCommand } from "../contact.ts";
import type { KeyNodeCommand, KeyNodeContext, KeyNodeState } from "../domain/key-node/state.ts";
import { type PurchaseCopy, purchaseFigures } from "../projections/purchases.ts";
import type { TimelineCopy } from "../projections/timeline.ts";

/** How many accounts may stand above one another. */
const maxDepth = 50;

const noPurchases = { count: 0, totals: [] };

/** What a decision about an account may know: who stands above a named parent, and what its purchases come to. */
export const accountContext =
  (accounts: AccountStore, purchases: PurchaseCopy): ContextFor<AccountState, AccountContext, AccountCommand> =>
  async ({ id, tenant, now }, _state, command) => ({
    now,
    ancestors: await ancestorsOf(accounts, tenant, parentIn(command)),
    purchases: command.type === "CountPurchases" ? await purchaseFigures(purchases, tenant, id) : noPurchases,
  });

const parentIn = (command: AccountCommand): string =>
  command.type === "CreateAccount" || command.type === "UpdateAccount" ? (command.account?.parentAccountId ?? "") : "";

const ancestorsOf = async (accounts: AccountStore, tenant: string, parentId: string): Promise<string[]> => {
  const ancestors: string[] = [];
  for (let next = parentId; next !== "" && ancestors.length < maxDepth; ) {
    const found = await accounts.get(tenant, next, { kind: "all" });
    // A deleted account takes no subsidiaries, but still stands between what is above and below it.
    if (found === undefined || (found.state.deleteTime !== undefined && ancestors.length === 0)) break;
    ancestors.push(next);
    next = found.state.parentAccountId;
  }
  return ancestors;
};

const exists = async (accounts: AccountStore, tenant: string, id: string): Promise<boolean> => {
  const found = await accounts.get(tenant, id, { kind: "all" });
  return found !== undefined && found.state.deleteTime === undefined;
};

/** What a decision about a contact may know: whether the account that it belongs to exists. */
export const contactContext =
  (accounts: AccountStore): ContextFor<ContactState, ContactContext, ContactCommand> =>
  async ({ tenant, now }, _state, command) => ({
    now,
    accountExists:
      command.type !== "CreateContact" || (await exists(accounts, tenant, command.contact?.accountId ?? "")),
  });

/** What a decision about a key node may know: whether the customer that a command names is known. */
export const keyNodeContext =
  (accounts: AccountStore, timeline: TimelineCopy): ContextFor<KeyNodeState, KeyNodeContext, KeyNodeCommand> =>
  async ({ tenant, actor, now, deadline }, _state, command) => {
    const { accountId = "", leadId = "" } = (command.type === "CreateKeyNode" ? command.keyNode : undefined) ?? {};
    return {
      now,
      actor,
      accountExists: accountId !== "" && (await exists(accounts, tenant, accountId)),
      lead:
        leadId === ""
          ? "KNOWN"
          : (await findCopied(timeline, "leads", { tenant, id: leadId }, { now, deadline })).reference,
    };
  };
