import {
  addMoney,
  compareMoney,
  isSameMoney,
  isZeroMoney,
  type Money,
  moneyOf,
  negativeAmounts,
  nanosOf,
  sumOfMoney,
  timesMoney,
} from "@keynode/decider/money";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const usd = (units: bigint, nanos = 0): Money => ({ currencyCode: "USD", units, nanos });
const cny = (units: bigint): Money => ({ currencyCode: "CNY", units, nanos: 0 });
const outOfRange = expect.objectContaining({ reason: "AMOUNT_OUT_OF_RANGE" });
const mixed = expect.objectContaining({ reason: "MIXED_CURRENCIES", metadata: { currencies: "CNY, USD" } });
const most = 2n ** 63n - 1n;

describe("an amount", () => {
  it("survives the way through whole nanos, whatever its sign", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(most * 1_000_000_000n), max: most * 1_000_000_000n }), (nanos) => {
        const amount = moneyOf("USD", nanos);
        expect(amount).not.toEqual(outOfRange);
        expect(nanosOf(amount as Money)).toBe(nanos);
        expect(negativeAmounts({ amount: amount as Money })).toEqual(
          nanos < 0n ? [{ field: "amount", reason: "AMOUNT_NEGATIVE" }] : [],
        );
      }),
    );
  });
  it("carries between nanos and units, with one sign for both", () => {
    expect(addMoney(usd(1n, 750_000_000), usd(0n, 500_000_000))).toEqual(usd(2n, 250_000_000));
    expect(addMoney(usd(1n, 250_000_000), usd(-3n))).toEqual(usd(-1n, -750_000_000));
  });
  it("is refused where units do not hold it", () => {
    expect(addMoney(usd(most), usd(1n))).toEqual(outOfRange);
    expect(timesMoney(usd(most), 2)).toEqual(outOfRange);
    expect(addMoney(usd(most), usd(0n, 999_999_999))).toEqual(usd(most, 999_999_999));
  });
  it("is not added to or compared with one in another currency", () => {
    expect(addMoney(usd(1n), cny(1n))).toEqual(mixed);
    expect(compareMoney(cny(1n), usd(1n))).toEqual(mixed);
    expect(isSameMoney(usd(0n), cny(0n))).toBe(false);
  });
  it("multiplies without rounding", () => {
    expect(timesMoney(usd(0n, 333_333_333), 3)).toEqual(usd(0n, 999_999_999));
    expect(timesMoney(usd(55n, 10_000_000), 1_000_000_000)).toEqual(usd(55_010_000_000n));
  });
  it("is ordered by its value", () => {
    expect(compareMoney(usd(1n), usd(0n, 999_999_999))).toBe(1);
    expect(compareMoney(usd(-1n, -1), usd(-1n))).toBe(-1);
    expect(compareMoney(usd(2n), usd(2n))).toBe(0);
  });
  it("is zero only without units and nanos", () => {
    expect([usd(0n), usd(0n, 1), usd(-1n)].map(isZeroMoney)).toEqual([true, false, false]);
  });
  it("that is absent equals only an absent one", () => {
    expect(isSameMoney(undefined, undefined)).toBe(true);
    expect(isSameMoney(undefined, usd(0n))).toBe(false);
  });
});

describe("a sum", () => {
  it("does not depend on the order of its amounts", () => {
    const amounts = fc.array(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(amounts, (nanos) => {
        const sum = sumOfMoney(nanos.map((each) => moneyOf("USD", each) as Money));
        expect(sum).toEqual(
          moneyOf(
            "USD",
            nanos.toReversed().reduce((total, each) => total + each),
          ),
        );
      }),
    );
  });
  it("of nothing has no currency and so is none", () => {
    expect(sumOfMoney([])).toBeUndefined();
  });
  it("over several currencies is refused", () => {
    expect(sumOfMoney([usd(1n), usd(2n), cny(3n)])).toEqual(mixed);
  });
});
