import { registry } from "@keynode/contracts/descriptors";
import { expect, it } from "vitest";
import { csvCell, csvHeader, csvRow } from "../../src/transcoder/csv-row.ts";

const entry = registry().getMessage("crm.identity.v1.AuditEntry");
if (entry === undefined) throw new Error("no such message");

it("a row has its message's fields under their names, lists with spaces between, what is absent empty", () => {
  const columns = csvHeader(entry).trimEnd().split(",");
  const row = csvRow(entry)(Buffer.from(JSON.stringify({ id: "e1", recordIds: ["a", "b"], version: 2 })));
  const cells = row.toString().trimEnd().split(",");
  expect(cells).toHaveLength(columns.length);
  expect(Object.fromEntries(columns.map((column, index) => [column, cells[index]]))).toMatchObject({
    id: "e1",
    recordIds: "a b",
    version: "2",
    actor: "",
  });
  expect(row.toString().endsWith("\r\n")).toBe(true);
});
it.each([
  ["plain", "plain"],
  ['with "quotes", and commas', '"with ""quotes"", and commas"'],
  ["two\nlines", '"two\nlines"'],
  ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
  ["+86 138", "'+86 138"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\tx", "'\tx"],
  ['=cmd|"/c calc"!A1', `"'=cmd|""/c calc""!A1"`],
])("a cell of %j is written %j, which no spreadsheet runs", (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});
