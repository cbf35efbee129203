import { type DomainError, type FieldViolation, isDomainError, reject } from "./domain-error.ts";

/** An amount in one currency, as google.type.Money has it: whole units and nanos (10⁻⁹) of the same sign. */
export type Money = { readonly currencyCode: string; readonly units: bigint; readonly nanos: number };

const nanosPerUnit = 1_000_000_000n;

/** The amount as one whole number of nanos; what sums of any size are added up in. */
export const nanosOf = ({ units, nanos }: Money): bigint => units * nanosPerUnit + BigInt(nanos);

/** Errors: AMOUNT_OUT_OF_RANGE beyond ± 2⁶³ units, which a Money cannot hold. */
export const moneyOf = (currencyCode: string, nanos: bigint): Money | DomainError => {
  const units = nanos / nanosPerUnit;
  if (BigInt.asIntN(64, units) !== units) return reject("AMOUNT_OUT_OF_RANGE");
  return { currencyCode, units, nanos: Number(nanos % nanosPerUnit) };
};

/** Errors: MIXED_CURRENCIES, AMOUNT_OUT_OF_RANGE. */
export const addMoney = (a: Money, b: Money): Money | DomainError =>
  mixed(a, b) ?? moneyOf(a.currencyCode, nanosOf(a) + nanosOf(b));

/** Errors: AMOUNT_OUT_OF_RANGE. */
export const timesMoney = (amount: Money, times: number): Money | DomainError =>
  moneyOf(amount.currencyCode, nanosOf(amount) * BigInt(times));

/** Undefined for no amounts at all: then no currency is known. Errors: MIXED_CURRENCIES, AMOUNT_OUT_OF_RANGE. */
export const sumOfMoney = (amounts: Iterable<Money>): Money | undefined | DomainError => {
  let sum: Money | undefined;
  for (const amount of amounts) {
    const next = sum === undefined ? amount : addMoney(sum, amount);
    if (isDomainError(next)) return next;
    sum = next;
  }
  return sum;
};

/** Negative, zero or positive as in `Array.sort`. Errors: MIXED_CURRENCIES. */
export const compareMoney = (a: Money, b: Money): number | DomainError => {
  const difference = nanosOf(a) - nanosOf(b);
  return mixed(a, b) ?? (difference < 0n ? -1 : difference > 0n ? 1 : 0);
};

export const isSameMoney = (a: Money | undefined, b: Money | undefined): boolean =>
  a === undefined || b === undefined ? a === b : compareMoney(a, b) === 0;

export const isZeroMoney = (amount: Money): boolean => nanosOf(amount) === 0n;

/** The amounts below zero among those of a request, which are given by the proto path each stands at. */
export const negativeAmounts = (amounts: Readonly<Record<string, Money | undefined>>): FieldViolation[] =>
  Object.entries(amounts).flatMap(([field, amount]) =>
    amount !== undefined && nanosOf(amount) < 0n ? [{ field, reason: "AMOUNT_NEGATIVE" }] : [],
  );

const mixed = (a: Money, b: Money): DomainError | undefined =>
  a.currencyCode === b.currencyCode
    ? undefined
    : reject("MIXED_CURRENCIES", { currencies: [a.currencyCode, b.currencyCode].sort().join(", ") });
