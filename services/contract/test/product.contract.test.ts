import { newId } from "@keynode/aggregate/type-id";
import { Product } from "@keynode/contracts/crm/contract/v1/product";
import { ListProductsRequest, ProductServiceService } from "@keynode/contracts/crm/contract/v1/product_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { contractService } from "../src/service.ts";
import { refusal } from "@keynode/runtime/testing-refusal";

let under: ServiceUnderTest;
let products: GrpcClient<typeof ProductServiceService>;

beforeAll(async () => {
  under = await startForTest(contractService);
  products = under.client(ProductServiceService);
});

const create = (partial: Partial<Product> = {}, client = products) =>
  client.createProduct({ product: Product.fromPartial({ name: "GTX Pro", ...partial }) });
const listed = async (filter: string) =>
  (await products.listProducts(ListProductsRequest.fromPartial({ filter }))).products.map(({ id }) => id);

describe("a product", () => {
  it("is found by its name, its code, its series and its other spellings", async () => {
    const [code, series, alias, name] = [newId("code"), newId("series"), newId("alias"), newId("name")];
    const { id } = await create({ name, code, series, aliases: [alias, "GTX-Pro"] });
    expect(await listed(`name = "${name}"`)).toEqual([id]);
    expect(await listed(`code = "${code}"`)).toEqual([id]);
    expect(await listed(`series = "${series}"`)).toEqual([id]);
    expect(await listed(`aliases:"${alias}"`)).toEqual([id]);
  });
  it("has its code and its external key to itself, and the refusal names it to those who may see it", async () => {
    const [code, externalKey] = [newId("code"), newId("key")];
    const first = await create({ code, externalKey });
    const exists = { code: "ALREADY_EXISTS", reason: "PRODUCT_EXISTS", metadata: { productId: first.id } };
    expect(await refusal(create({ code }))).toMatchObject(exists);
    expect(await refusal(create({ externalKey }))).toMatchObject(exists);
    const second = await create();
    const patch = Product.fromPartial({ id: second.id, code });
    expect(await refusal(products.updateProduct({ product: patch, updateMask: ["code"] }))).toMatchObject(exists);
    const zhao = { actor: newId("user"), teams: [], grants: { "products.*": "own" as const } };
    expect(await refusal(create({ code }, under.client(ProductServiceService, zhao)))).toMatchObject({
      reason: "PRODUCT_EXISTS",
      metadata: {},
    });
  });
  it("that is deleted gives its code away, and then cannot come back with it", async () => {
    const code = newId("code");
    const first = await create({ code });
    await products.deleteProduct({ id: first.id, etag: "" });
    await create({ code });
    expect((await refusal(products.undeleteProduct({ id: first.id, etag: "" }))).reason).toBe("PRODUCT_EXISTS");
  });
  it("is loaded once, however often", async () => {
    const requests = [{ product: Product.fromPartial({ name: "GTX Basic", externalKey: newId("key") }) }];
    const [first] = (await products.batchCreateProducts({ requests })).results;
    expect(first?.product?.name).toBe("GTX Basic");
    const [again] = (await products.batchCreateProducts({ requests })).results;
    expect(again?.status?.code).toBe(6);
  });
});
