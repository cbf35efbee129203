import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import {
  ProductCreated,
  ProductDeleted,
  ProductEdited,
  ProductReassigned,
  ProductRestored,
} from "@keynode/contracts/crm/contract/v1/product_events";
import type { Clock } from "@keynode/decider/crud";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { productListing } from "./api/list.ts";
import { type ProductCommand, type ProductEvent, productDecider } from "./domain/product/decider.ts";
import type { ProductState } from "./domain/product/state.ts";

export const productAggregate = defineAggregate<ProductState, ProductCommand, ProductEvent, Clock>({
  name: "product",
  collection: "products",
  decider: productDecider,
  events: { ProductCreated, ProductDeleted, ProductEdited, ProductReassigned, ProductRestored },
  derive: (product) => ({ nameKey: sortKey(product.name), matchKeys: matchKeys(product) }),
  onDeleted: ["DeleteProduct", "UndeleteProduct"],
  indexes: [
    ...listIndexes(productListing),
    {
      name: "matchKeys",
      key: { tenant: 1, "state.matchKeys": 1 },
      unique: true,
      partialFilterExpression: { "state.matchKeys": { $exists: true } },
    },
  ],
  uniqueReasons: { matchKeys: "PRODUCT_EXISTS" },
});

export type ProductStore = Store<ProductState, ProductCommand, ProductEvent, Clock>;

/** What makes two products the same: nothing on deleted ones, so that others may take their place. */
export const matchKeys = ({
  code,
  externalKey,
  deleteTime,
}: Pick<ProductState, "code" | "externalKey" | "deleteTime">): string[] | undefined => {
  const keys = [
    ...(code === "" ? [] : [`code:${code}`]),
    ...(externalKey === "" ? [] : [`externalKey:${externalKey}`]),
  ];
  return keys.length === 0 || deleteTime !== undefined ? undefined : keys;
};
