import { snapshotOf } from "@keynode/api/snapshot";
import type { Account } from "@keynode/contracts/crm/account/v1/account";
import * as accountEvents from "@keynode/contracts/crm/account/v1/account_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

/** A customer as far as a case asks: whose it is, when nobody else is there to work on the case. */
export type AccountRow = { ownerId: string };

export type AccountCopy = Copy<{ accounts: AccountRow; contacts: object }>;

/** Our copy of the account service's customers and contacts. */
export const accounts = defineProjection<{ accounts: AccountRow; contacts: object }>({
  name: "accounts",
  from: {
    account: [
      "AccountCreated",
      "AccountReassigned",
      "AccountDeleted",
      "AccountRestored",
      "ContactCreated",
      "ContactDeleted",
      "ContactRestored",
    ],
  },
  tables: { accounts: {}, contacts: {} },
  apply: async (event, tables) => {
    const { type, recordId: id, tenant, version } = event;
    const place = { id, tenant, version };
    if (type === "ContactDeleted") return await tables.contacts.bury(place);
    if (type.startsWith("Contact")) return await tables.contacts.keep(place, {});
    const account = snapshotOf<Account>(event, accountEvents);
    if (account === undefined) return;
    if (account.deleteTime !== undefined) await tables.accounts.bury(place);
    else await tables.accounts.keep(place, { ownerId: account.ownerId });
  },
});
