import { expect, it } from "vitest";
import { clean } from "../../seed/cleaning.ts";

const rule = { file: "deals", column: "product", from: "GTXPro", to: "GTX Pro", why: "spelling" };
const table = {
  columns: ["product", "agent"],
  rows: [
    { product: "GTXPro", agent: "GTXPro" },
    { product: "GTXProX", agent: "Li" },
    { product: "gtxpro", agent: "Li" },
  ],
};

it("a rule changes its own spelling in its own column, and tells how often", () => {
  expect(clean("deals", table, [rule])).toEqual({
    rows: [{ product: "GTX Pro", agent: "GTXPro" }, table.rows[1], table.rows[2]],
    cleaned: [{ ...rule, rows: 1 }],
  });
});

it("a rule of another file changes nothing and is not reported", () => {
  expect(clean("accounts", table, [rule])).toEqual({ rows: table.rows, cleaned: [] });
});

it("a rule that finds nothing is reported with no rows", () => {
  expect(clean("deals", table, [{ ...rule, from: "GTX-Pro" }]).cleaned).toMatchObject([{ rows: 0 }]);
});

it("a rule for a column that is not there is refused", () => {
  expect(() => clean("deals", table, [{ ...rule, column: "account" }])).toThrow("deals.csv does not have: account");
});
