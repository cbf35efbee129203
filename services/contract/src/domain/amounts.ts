import type { Line } from "@keynode/contracts/crm/contract/v1/line";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { type Money, negativeAmounts, sumOfMoney, timesMoney } from "@keynode/decider/money";

/** What lines come to; undefined without any. Errors: MIXED_CURRENCIES, AMOUNT_OUT_OF_RANGE. */
export const sumOfLines = (lines: readonly Line[]): Money | undefined | DomainError => {
  const amounts: Money[] = [];
  for (const { unitPrice, quantity } of lines) {
    if (unitPrice === undefined) continue;
    const amount = timesMoney(unitPrice, quantity);
    if (isDomainError(amount)) return amount;
    amounts.push(amount);
  }
  return sumOfMoney(amounts);
};

/** Errors: INVALID_REQUEST naming each amount that is below zero; they are given by the proto path each stands at. */
export const refuseNegative = (amounts: Readonly<Record<string, Money | undefined>>): DomainError | undefined => {
  const violations = negativeAmounts(amounts);
  return violations.length === 0 ? undefined : reject("INVALID_REQUEST", {}, violations);
};

/** The lines' prices by the proto path each stands at; `prefix` leads to the lines: `contract.`. */
export const pricesAt = (prefix: string, lines: readonly Line[]): Record<string, Money | undefined> =>
  Object.fromEntries(lines.map(({ unitPrice }, index) => [`${prefix}lines[${index}].unit_price`, unitPrice]));
