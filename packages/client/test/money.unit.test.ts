import { decimal, money } from "@keynode/client/money";
import fc from "fast-check";
import { expect, it } from "vitest";

it.each([
  ["12", { units: "12" }],
  ["12.50", { units: "12", nanos: 500_000_000 }],
  ["-0.01", { units: "0", nanos: -10_000_000 }],
  ["900719925474099312", { units: "900719925474099312" }],
])("%s is exact", (text, amount) => {
  expect(money(text, "CNY")).toEqual({ currencyCode: "CNY", ...amount });
});

it("what was made of an amount gives the amount again", () => {
  const amounts = fc.record({
    units: fc.integer({ min: 0, max: 1e15 }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  });
  fc.assert(
    fc.property(amounts, fc.boolean(), ({ units, nanos }, isNegative) => {
      const text = decimal({ units: String(isNegative ? -units : units), nanos: isNegative ? -nanos : nanos });
      const again = money(text, "CNY");
      expect(decimal(again)).toBe(text);
      expect([Number(again.units), again.nanos ?? 0].map(Math.abs)).toEqual([units, nanos]);
    }),
  );
});

it.each(["", "1,5", "1e3", "1.0123456789", "NaN", "+1"])("%j is no amount", (text) => {
  expect(() => money(text, "CNY")).toThrow(RangeError);
});
