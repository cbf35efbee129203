import { Product } from "@keynode/contracts/crm/contract/v1/product";
import { specify } from "@keynode/decider/testing";
import { describe, it } from "vitest";
import { productDecider } from "../../src/domain/product/decider.ts";

const context = { now: new Date("2026-03-01T08:00:00Z") };
const product = Product.fromPartial({ ownerId: "user_li", name: "GTX Pro", code: "GTX-P" });
const price = (units: bigint) => ({ currencyCode: "USD", units, nanos: 0 });
const rules = specify(productDecider);

describe("a product", () => {
  it("may cost nothing, but not less, from the start or later", () => {
    rules
      .given()
      .when({ type: "CreateProduct", product: { ...product, listPrice: price(0n) } }, context)
      .thenTypes(["ProductCreated"]);
    rules
      .given()
      .when({ type: "CreateProduct", product: { ...product, listPrice: price(-1n) } }, context)
      .thenRefused("INVALID_REQUEST");
    const update = { type: "UpdateProduct", product: { ...product, listPrice: price(-1n) } } as const;
    rules
      .given({ type: "ProductCreated", product })
      .when({ ...update, updateMask: ["list_price"] }, context)
      .thenRefused("INVALID_REQUEST");
  });
});
