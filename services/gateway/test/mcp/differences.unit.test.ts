import { expect, it } from "vitest";
import { differences, foretold } from "../../src/mcp/differences.ts";

it("what would change is told field by field, with both sides where there are both", () => {
  const before = { id: "lead_1", name: "Li", tags: ["a"], company: "Acme", etag: "1", updateTime: "then" };
  const after = { id: "lead_1", name: "Li", tags: ["a", "b"], status: "QUALIFIED", etag: "2", updateTime: "now" };
  expect(differences(before, after)).toEqual([
    { field: "tags", before: ["a"], after: ["a", "b"] },
    { field: "company", before: "Acme" },
    { field: "status", after: "QUALIFIED" },
  ]);
});

it("what stays is not told, whatever its members' order", () => {
  const amount = { currencyCode: "CNY", units: "5" };
  expect(differences({ amount, list: [] }, { list: [], amount: { units: "5", currencyCode: "CNY" } })).toEqual([]);
});

it("what only writing will tell is not foretold", () => {
  expect(foretold({ id: "lead_1", etag: "2", updateTime: "now", createTime: "then" })).toEqual({
    id: "lead_1",
    createTime: "then",
  });
});
