import { snapshotOf } from "@keynode/api/snapshot";
import type { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import * as purchaseEvents from "@keynode/contracts/crm/contract/v1/purchase_events";
import type { Money } from "@keynode/contracts/google/type/money";
import { isDomainError } from "@keynode/decider/domain-error";
import { sumOfMoney } from "@keynode/decider/money";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

/** A purchase as far as a customer's figures need it. */
export type PurchaseRow = { accountId: string; amount?: Money | undefined };

export type PurchaseCopy = Copy<{ purchases: PurchaseRow }>;

/** Our copy of the contract service's purchases, from which a customer's figures are counted. */
export const purchases = defineProjection<{ purchases: PurchaseRow }>({
  name: "purchases",
  from: { contract: ["PurchaseRecorded", "PurchaseReassigned", "PurchaseDeleted", "PurchaseRestored"] },
  tables: { purchases: { indexes: [{ key: { tenant: 1, accountId: 1 }, name: "account" }] } },
  apply: async (event, tables) => {
    const purchase = snapshotOf<Purchase>(event, purchaseEvents);
    if (purchase === undefined) return;
    const place = { id: event.recordId, tenant: event.tenant, version: event.version };
    if (purchase.deleteTime !== undefined) await tables.purchases.bury(place);
    else await tables.purchases.keep(place, { accountId: purchase.accountId, amount: purchase.amount });
  },
});

/** What an account's purchases come to: how many, and one sum for each currency, by currency. */
export const purchaseFigures = async (
  copy: PurchaseCopy,
  tenant: string,
  accountId: string,
): Promise<{ count: number; totals: Money[] }> => {
  const rows = await copy.tables().purchases.find({ tenant, accountId }).toArray();
  const byCurrency = Map.groupBy(
    rows.flatMap(({ amount }) => (amount === undefined ? [] : [amount])),
    ({ currencyCode }) => currencyCode,
  );
  const totals = [...byCurrency.values()].flatMap((amounts) => {
    const sum = sumOfMoney(amounts);
    return sum === undefined || isDomainError(sum) ? [] : [{ ...sum }];
  });
  return { count: rows.length, totals: totals.sort((a, b) => (a.currencyCode < b.currencyCode ? -1 : 1)) };
};
