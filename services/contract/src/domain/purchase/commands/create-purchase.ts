import type { DecisionTable } from "@keynode/decider/decider";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import { pricesAt, refuseNegative, sumOfLines } from "../../amounts.ts";
import { refuseParties, refuseProducts } from "../../references.ts";
import type { PurchaseCommand } from "../command.ts";
import type { PurchaseContext } from "../context.ts";
import type { PurchaseEvent } from "../events.ts";
import type { PurchaseState } from "../state.ts";

type CreatePurchase = DecisionTable<PurchaseCommand, PurchaseState, PurchaseEvent, PurchaseContext>["CreatePurchase"];

/**
 * C-017. Errors: ACCOUNT_NOT_FOUND, OPPORTUNITY_NOT_FOUND, PRODUCT_NOT_FOUND, PURCHASE_WITHOUT_AMOUNT, MIXED_CURRENCIES,
 * AMOUNT_OUT_OF_RANGE, INVALID_REQUEST.
 */
export const createPurchase: CreatePurchase = ({ purchase }, _state, context) => {
  if (purchase === undefined) return [];
  const { lines } = purchase;
  const refusal =
    refuseNegative({ ...pricesAt("purchase.", lines), "purchase.amount": purchase.amount }) ??
    refuseParties(purchase, context) ??
    refuseProducts(lines, context);
  if (refusal !== undefined) return refusal;
  const amount = purchase.amount ?? sumOfLines(lines);
  if (amount === undefined) return reject("PURCHASE_WITHOUT_AMOUNT");
  if (isDomainError(amount)) return amount;
  const purchaseDate = purchase.purchaseDate ?? context.today;
  return [{ type: "PurchaseRecorded", purchase: { ...purchase, amount, purchaseDate } }];
};
