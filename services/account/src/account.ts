import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/account/v1/account_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { accountListing } from "./api/list.ts";
import type { AccountCommand } from "./domain/account/command.ts";
import type { AccountContext } from "./domain/account/context.ts";
import { decide } from "./domain/account/decide.ts";
import type { AccountEvent } from "./domain/account/events.ts";
import { evolve } from "./domain/account/evolve.ts";
import type { AccountState } from "./domain/account/state.ts";

export type AccountStore = Store<AccountState, AccountCommand, AccountEvent, AccountContext>;

export const accountAggregate = defineAggregate<AccountState, AccountCommand, AccountEvent, AccountContext>({
  name: "account",
  collection: "accounts",
  decider: { decide, evolve },
  events: codecs,
  derive: ({ name, externalKey, deleteTime }) => ({
    nameKey: sortKey(name),
    uniqueKey: externalKey === "" || deleteTime !== undefined ? undefined : externalKey,
  }),
  onDeleted: ["DeleteAccount", "UndeleteAccount"],
  indexes: [
    ...listIndexes(accountListing),
    {
      name: "externalKey",
      key: { tenant: 1, "state.uniqueKey": 1 },
      unique: true,
      partialFilterExpression: { "state.uniqueKey": { $exists: true } },
    },
    {
      name: "leads",
      key: { tenant: 1, "state.leadIds": 1 },
    },
  ],
  uniqueReasons: { externalKey: "ACCOUNT_EXISTS" },
});
