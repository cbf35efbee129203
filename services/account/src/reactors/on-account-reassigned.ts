import { reactionScope, settled } from "@keynode/api/reaction";
import { AccountReassigned } from "@keynode/contracts/crm/account/v1/account_events";
import { eachChild } from "@keynode/runtime/children";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { AccountStore } from "../account.ts";
import type { ContactStore } from "../contact.ts";

/**
 * Contacts are their account's (`ownership: PARENT`): those that its former owner had go with it to whom it belongs
 * now, so that handovers may be heard of twice and in any order; one that was given to somebody else stays with them.
 */
export const onAccountReassigned = (
  { accounts, contacts }: { readonly accounts: AccountStore; readonly contacts: ContactStore },
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-account-reassigned",
  from: { account: ["AccountReassigned"] },
  handle: async (event) => {
    const { fromOwnerId } = AccountReassigned.decode(event.data);
    const account = await accounts.get(event.tenant, event.recordId, { kind: "all" });
    if (account === undefined) return;
    const { ownerId, teamId } = account.state;
    const command = { type: "ReassignContact", ownerId, teamId } as const;
    const ofFormer = { "state.accountId": event.recordId, "state.ownerId": fromOwnerId };
    await eachChild(contacts.collection, event.tenant, ofFormer, async (id) => {
      const scope = { ...reactionScope(name, event, now()), includesDeleted: true };
      const context = () => ({ now: now(), accountExists: true });
      settled(await contacts.execute(id, command, scope, context), event, log);
    });
  },
});
