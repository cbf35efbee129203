import { newId } from "@keynode/aggregate/type-id";
import { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import { ListPurchasesRequest, PurchaseServiceService } from "@keynode/contracts/crm/contract/v1/purchase_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { contractService } from "../src/service.ts";
import { foreign } from "./foreign.ts";
import { refusal } from "@keynode/runtime/testing-refusal";

let under: ServiceUnderTest;
let purchases: GrpcClient<typeof PurchaseServiceService>;
let accountId: string;

beforeAll(async () => {
  under = await startForTest(contractService);
  purchases = under.client(PurchaseServiceService);
  const account = foreign(under).accountCreated();
  await under.publish(account);
  accountId = account.recordId;
});

const cny = (units: bigint) => ({ currencyCode: "CNY", units, nanos: 0 });
const record = (partial: Parameters<typeof Purchase.fromPartial>[0] = {}) =>
  purchases.createPurchase({ purchase: Purchase.fromPartial({ accountId, amount: cny(300n), ...partial }) });

describe("a purchase in a shop (C-017)", () => {
  it("is recorded without a contract, on the day it is said to be, and listed latest first", async () => {
    const account = foreign(under).accountCreated();
    await under.publish(account);
    const shop = { accountId: account.recordId, orderChannel: "STORE" as const };
    const later = await record({ ...shop, purchaseDate: { year: 2026, month: 2, day: 2 } });
    const earlier = await record({ ...shop, amount: cny(700n), purchaseDate: { year: 2025, month: 12, day: 24 } });
    const filter = `accountId = "${account.recordId}"`;
    const listed = await purchases.listPurchases(ListPurchasesRequest.fromPartial({ filter }));
    expect(listed.purchases).toEqual([later, earlier]);
    expect(listed.purchases.reduce((sum, { amount }) => sum + (amount?.units ?? 0n), 0n)).toBe(1_000n);
    const thisYear = `${filter} AND purchaseDate >= "2026-01-01"`;
    expect((await purchases.listPurchases(ListPurchasesRequest.fromPartial({ filter: thisYear }))).purchases).toEqual([
      later,
    ]);
  });
  it("cannot bring a contract", async () => {
    expect((await record({ contractId: newId("contract") })).contractId).toBe("");
  });
  it("is refused without an amount, and for records that are not there", async () => {
    expect((await refusal(record({ amount: undefined }))).reason).toBe("PURCHASE_WITHOUT_AMOUNT");
    const lines = [{ productId: newId("product"), quantity: 1, unitPrice: cny(1n) }];
    // Each waits a while for what may just have been made: side by side.
    const refusals = [
      record({ accountId: newId("account") }),
      record({ opportunityId: newId("opportunity") }),
      record({ lines }),
    ].map(async (call) => (await refusal(call)).reason);
    expect(await Promise.all(refusals)).toEqual(["ACCOUNT_NOT_FOUND", "OPPORTUNITY_NOT_FOUND", "PRODUCT_NOT_FOUND"]);
    expect((await refusal(record({ accountId: "" }))).fields).toEqual(["purchase.account_id"]);
  });
  it("is loaded once under its external key, and the refusal names it", async () => {
    const externalKey = newId("key");
    const first = await record({ externalKey });
    expect(await refusal(record({ externalKey }))).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "PURCHASE_EXISTS",
      metadata: { purchaseId: first.id },
    });
    await purchases.deletePurchase({ id: first.id, etag: "" });
    await record({ externalKey });
    expect((await refusal(purchases.undeletePurchase({ id: first.id, etag: "" }))).reason).toBe("PURCHASE_EXISTS");
  });
});
