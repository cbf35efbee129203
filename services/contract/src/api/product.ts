import { refusalNamingHolder } from "@keynode/api/holder";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Product } from "@keynode/contracts/crm/contract/v1/product";
import type { ProductServiceService } from "@keynode/contracts/crm/contract/v1/product_service";
import type { Handlers } from "@keynode/grpc/implement";
import { refusals } from "../errors.ts";
import { matchKeys, type ProductStore } from "../product.ts";
import { productListing } from "./list.ts";

/** One entry per rpc of ProductService. */
export const productApi = (products: ProductStore): Handlers<typeof ProductServiceService> =>
  standardRpcs(products, {
    name: "Product",
    field: "product",
    rows: "products",
    typeName: "crm.contract.v1.Product",
    fromPartial: Product.fromPartial,
    listing: productListing,
    errors: refusals,
    context: ({ now }) => ({ now }),
    explain: (refusal, product, call) =>
      refusal.reason === "PRODUCT_EXISTS"
        ? refusalNamingHolder(
            products,
            { reason: refusal.reason, field: "productId", path: "state.matchKeys" },
            matchKeys(product) ?? [],
            call,
          )
        : refusal,
  });
