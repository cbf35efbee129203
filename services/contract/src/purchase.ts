import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/contract/v1/purchase_events";
import { isoDate } from "@keynode/decider/calendar-date";
import { listIndexes } from "@keynode/query/listing";
import { purchaseListing } from "./api/list.ts";
import type { PurchaseCommand } from "./domain/purchase/command.ts";
import type { PurchaseContext } from "./domain/purchase/context.ts";
import { decide } from "./domain/purchase/decide.ts";
import type { PurchaseEvent } from "./domain/purchase/events.ts";
import { evolve } from "./domain/purchase/evolve.ts";
import type { PurchaseState } from "./domain/purchase/state.ts";

export const purchaseAggregate = defineAggregate<PurchaseState, PurchaseCommand, PurchaseEvent, PurchaseContext>({
  name: "purchase",
  collection: "purchases",
  decider: { decide, evolve },
  events: codecs,
  derive: ({ externalKey, deleteTime, purchaseDate }) => ({
    heldKey: externalKey === "" || deleteTime !== undefined ? undefined : externalKey,
    purchasedOn: purchaseDate && isoDate(purchaseDate),
  }),
  onDeleted: ["DeletePurchase", "UndeletePurchase"],
  indexes: [
    ...listIndexes(purchaseListing),
    {
      name: "heldKey",
      key: { tenant: 1, "state.heldKey": 1 },
      unique: true,
      partialFilterExpression: { "state.heldKey": { $exists: true } },
    },
  ],
  uniqueReasons: { heldKey: "PURCHASE_EXISTS" },
});

export type PurchaseStore = Store<PurchaseState, PurchaseCommand, PurchaseEvent, PurchaseContext>;
