import type { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";

/** A purchase as stored: the resource and what only this service needs. */
export type PurchaseState = Purchase & {
  /** The external key, unique within a tenant; absent on deleted purchases, so that others may take it. */
  heldKey?: string | undefined;
  /** The day as `YYYY-MM-DD`, for filtering and sorting. */
  purchasedOn?: string | undefined;
};
