import { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import type { PurchaseCommand } from "../../src/domain/purchase/command.ts";
import type { PurchaseContext } from "../../src/domain/purchase/context.ts";
import { decide } from "../../src/domain/purchase/decide.ts";
import type { PurchaseEvent } from "../../src/domain/purchase/events.ts";
import { evolve } from "../../src/domain/purchase/evolve.ts";

const usd = (units: bigint) => ({ currencyCode: "USD", units, nanos: 0 });
const today = { year: 2026, month: 3, day: 1 };
const context: PurchaseContext = {
  now: new Date("2026-03-01T08:00:00Z"),
  today,
  account: "KNOWN",
  opportunity: "KNOWN",
  missingProductIds: [],
};
const noEtag = { id: "purchase_1", etag: "" };
const lines = [
  { productId: "product_1", quantity: 3, unitPrice: { currencyCode: "USD", units: 99n, nanos: 990_000_000 } },
];
const given = Purchase.fromPartial({ ownerId: "user_li", accountId: "account_1", orderChannel: "STORE", lines });
const total = { currencyCode: "USD", units: 299n, nanos: 970_000_000 };
const recorded: PurchaseEvent = {
  type: "PurchaseRecorded",
  purchase: { ...given, amount: total, purchaseDate: today },
};
const create = (changes: Partial<Purchase> = {}): PurchaseCommand => ({
  type: "CreatePurchase",
  purchase: { ...given, ...changes },
});
const rules = specify({ decide, evolve });

describe("a purchase (C-017)", () => {
  it("comes to the sum of its lines, to the last cent, today", () => {
    rules.given().when(create(), context).then(recorded);
  });
  it("may be an amount and a day alone", () => {
    const purchaseDate = { year: 2025, month: 12, day: 24 };
    rules
      .given()
      .when(create({ lines: [], amount: usd(700n), purchaseDate }), context)
      .thenTypes(["PurchaseRecorded"], (state) => {
        expect(state).toMatchObject({ amount: usd(700n), purchaseDate });
      });
  });
  it("is refused without an amount, below zero, and over several currencies", () => {
    rules
      .given()
      .when(create({ lines: [] }), context)
      .thenRefused("PURCHASE_WITHOUT_AMOUNT");
    rules
      .given()
      .when(create({ amount: usd(-1n) }), context)
      .thenRefused("INVALID_REQUEST");
    const cny = { productId: "product_2", quantity: 1, unitPrice: { currencyCode: "CNY", units: 1n, nanos: 0 } };
    rules
      .given()
      .when(create({ lines: [...lines, cny] }), context)
      .thenRefused("MIXED_CURRENCIES");
  });
  it("needs an account, a deal and products that are there", () => {
    const refused = (more: Partial<PurchaseContext>) => rules.given().when(create(), { ...context, ...more });
    refused({ account: "MISSING" }).thenRefused("ACCOUNT_NOT_FOUND", { accountId: "account_1" });
    refused({ opportunity: "MISSING" }).thenRefused("OPPORTUNITY_NOT_FOUND");
    refused({ missingProductIds: ["product_1"] }).thenRefused("PRODUCT_NOT_FOUND", { productId: "product_1" });
  });
  it("of a signed contract is recorded as it was agreed", () => {
    const purchase = { ...given, contractId: "contract_1", amount: usd(88n), purchaseDate: today };
    rules
      .given()
      .when({ type: "RecordContractPurchase", purchase }, { ...context, account: "MISSING" })
      .then({ type: "PurchaseRecorded", purchase });
  });
  it("is deleted once, brought back once, and handed over once", () => {
    const gone: PurchaseEvent = { type: "PurchaseDeleted", deleteTime: context.now };
    rules
      .given(recorded)
      .when({ type: "DeletePurchase", ...noEtag }, context)
      .then(gone);
    rules
      .given(recorded, gone)
      .when({ type: "DeletePurchase", ...noEtag }, context)
      .thenNothing();
    rules
      .given(recorded, gone)
      .when({ type: "UndeletePurchase", ...noEtag }, context)
      .then({ type: "PurchaseRestored" });
    const hand: PurchaseCommand = { type: "ReassignPurchase", ...noEtag, ownerId: "user_zhao", teamId: "" };
    rules
      .given(recorded)
      .when(hand, context)
      .thenTypes(["PurchaseReassigned"], (state) => {
        expect(state.ownerId).toBe("user_zhao");
      });
    rules
      .given(recorded)
      .when({ ...hand, ownerId: "user_li" }, context)
      .thenNothing();
  });
});
