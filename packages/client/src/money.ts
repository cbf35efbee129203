import type { Money } from "./values.ts";

const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/;

/** An amount from its decimal text, exactly: `money("12.50", "CNY")`. Throws a RangeError for what is no such text. */
export const money = (decimalText: string, currencyCode: string): Money => {
  const [, sign = "", units = "", fraction = ""] = DECIMAL.exec(decimalText) ?? [];
  if (units === "") throw new RangeError(`${JSON.stringify(decimalText)} is no decimal number of at most 9 decimals`);
  const nanos = Number(`${sign}${fraction.padEnd(9, "0")}`);
  return { currencyCode, units: String(BigInt(sign + units)), ...(nanos !== 0 && { nanos }) };
};

/** The amount as decimal text, exactly and without needless zeros: `12.5`. */
export const decimal = ({ units = "0", nanos = 0 }: Money): string => {
  const isNegative = nanos < 0 || units.startsWith("-");
  const fraction = String(Math.abs(nanos)).padStart(9, "0").replace(/0+$/, "");
  return `${isNegative ? "-" : ""}${units.replace("-", "")}${fraction === "" ? "" : `.${fraction}`}`;
};
