import type { ContextFor } from "@keynode/aggregate/store";
import { awaitCopy } from "@keynode/api/own-copy";
import { NotYet, reactionScope, settled } from "@keynode/api/reaction";
import { snapshotOf } from "@keynode/api/snapshot";
import type { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import * as purchaseEvents from "@keynode/contracts/crm/contract/v1/purchase_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { AccountCommand } from "../domain/account/command.ts";
import type { AccountContext } from "../domain/account/context.ts";
import type { AccountState } from "../domain/account/state.ts";
import type { PurchaseCopy } from "../projections/purchases.ts";
import { type KeyNodeStores, recordKeyNode } from "./record-key-node.ts";

/** C-057, C-001, C-017. A purchase lifts the customer to closed-won, is a key node, and has the figures counted anew. */
export const onPurchase = (
  stores: KeyNodeStores,
  purchases: PurchaseCopy,
  context: ContextFor<AccountState, AccountContext, AccountCommand>,
  tools: ServiceTools,
): Reactor => ({
  name: "on-purchase",
  from: { contract: ["PurchaseRecorded", "PurchaseDeleted", "PurchaseRestored"] },
  handle: async (event) => {
    const purchase = snapshotOf<Purchase>(event, purchaseEvents);
    if (purchase === undefined) return;
    const { tenant, recordId: purchaseId, version, type } = event;
    const { accounts } = stores;
    const { accountId, ownerId, teamId } = purchase;
    const scope = reactionScope(tools.name, event, tools.now());
    if (type === "PurchaseRecorded") {
      const reach = { type: "ReachStage", stage: "CLOSED_WON", time: event.at, causedBy: event.id } as const;
      settled(await accounts.execute(accountId, reach, scope, context), event, tools.log);
      await recordKeyNode(stores, tools, event, {
        naturalKey: ["purchase", purchaseId],
        keyNode: { ownerId, teamId, accountId, nodeType: "PURCHASE", occurTime: event.at, detail: purchaseId },
      });
    }
    // What is counted is our copy, which the same event reaches by another way.
    const copied = () => purchases.tables().purchases.findOne({ _id: purchaseId, tenant, version: { $gte: version } });
    if ((await awaitCopy(copied)) === undefined) throw new NotYet(`purchase ${purchaseId} is not in the copy`);
    settled(await accounts.execute(accountId, { type: "CountPurchases" }, scope, context), event, tools.log);
  },
});
