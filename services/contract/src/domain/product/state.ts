import type { Product } from "@keynode/contracts/crm/contract/v1/product";

/** A product as stored: the resource and what only this service needs. */
export type ProductState = Product & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** `code:…` and `externalKey:…`, unique within a tenant; absent on deleted products. */
  matchKeys?: string[] | undefined;
};
