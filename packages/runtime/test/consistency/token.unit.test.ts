import { isDomainError } from "@keynode/decider/domain-error";
import { expect, test } from "vitest";
import { consistencyToken, readConsistencyToken } from "../../src/consistency/token.ts";

const now = new Date("2026-03-01T10:00:00.123Z");
const id = (number: number) => `lead_${String(number).padStart(26, "0")}`;
const written = (count: number) => Array.from({ length: count }, (_, at) => ({ id: id(at), version: at + 1 }));

test("an answer that wrote nothing carries no token", () => {
  expect(consistencyToken("lead", [], now)).toBeUndefined();
});

test("a token is read as what was written, and fits a header field of 1,024 characters", () => {
  const token = consistencyToken("opportunity", written(12), now) ?? "";
  expect(token.length).toBeLessThanOrEqual(1_024);
  expect(readConsistencyToken(token)).toEqual(written(12).map((each) => ({ service: "opportunity", ...each })));
});

test("the token of a large batch names the instant by which all of it was committed", () => {
  const token = consistencyToken("lead", written(500), now) ?? "";
  expect(readConsistencyToken(token)).toEqual([{ service: "lead", committedBy: now }]);
});

test("tokens of several services may be joined", () => {
  const token = [consistencyToken("lead", written(1), now), consistencyToken("contract", written(1), now)].join(", ");
  expect(readConsistencyToken(token)).toEqual([
    { service: "lead", id: id(0), version: 1 },
    { service: "contract", id: id(0), version: 1 },
  ]);
});

test.each([
  "",
  "lead",
  `lead:${id(1)}`,
  `lead:${id(1)}:0`,
  `lead:${id(1)}:-1`,
  `:${id(1)}:1`,
  "lead:$where:1",
  `lead:${id(1)}:1,`,
  Array(33)
    .fill(`lead:${id(1)}:1`)
    .join(","),
])("what no answer gave is refused: %s", (token) => {
  const read = readConsistencyToken(token);
  expect(isDomainError(read) && read.reason).toBe("INVALID_CONSISTENCY_TOKEN");
});
