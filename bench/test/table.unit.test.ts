import { expect, test } from "vitest";
import { aligned } from "../src/table.ts";

test("columns are as wide as their widest cell, figures flush right", () => {
  expect(
    aligned([
      ["", "req/s"],
      ["create", "7"],
    ]),
  ).toBe("        req/s\ncreate      7");
});
