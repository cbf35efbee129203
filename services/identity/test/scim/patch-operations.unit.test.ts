import { isDomainError } from "@keynode/decider/domain-error";
import { expect, it } from "vitest";
import { operationsIn } from "../../src/scim/patch-operations.ts";
import type { JsonObject } from "../../src/scim/scim-json.ts";

const schema = "urn:ietf:params:scim:schemas:core:2.0:User";
const replacing = (value: JsonObject) => operationsIn({ Operations: [{ op: "Replace", value }] });

it("attributes may stand within their schema", () => {
  const path = { attribute: "displayname", sub: "", values: undefined };
  expect(replacing({ [schema]: { displayName: "Li Na" } })).toEqual([{ kind: "replace", path, value: "Li Na" }]);
});

it("a schema within a schema is none, however often", () => {
  let nested: JsonObject = { displayName: "Li Na" };
  for (let depth = 0; depth < 20_000; depth += 1) nested = { [schema]: nested };
  const outcome = replacing(nested);
  expect(isDomainError(outcome)).toBe(false);
  expect(outcome).toMatchObject([{ path: { attribute: "user" } }]);
});
