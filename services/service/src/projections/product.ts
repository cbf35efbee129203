import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

export type ProductCopy = Copy<{ products: object }>;

/** Which products there are: all that a case asks of them. */
export const products = defineProjection<{ products: object }>({
  name: "products",
  from: { contract: ["ProductCreated", "ProductDeleted", "ProductRestored"] },
  tables: { products: {} },
  apply: async ({ type, recordId: id, tenant, version }, tables) => {
    const place = { id, tenant, version };
    await (type === "ProductDeleted" ? tables.products.bury(place) : tables.products.keep(place, {}));
  },
});
