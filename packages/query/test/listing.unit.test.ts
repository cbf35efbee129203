import { describe, expect, it } from "vitest";
import { planList } from "../src/list-plan.ts";
import { defineListing, listIndexes, type ListingSpec } from "../src/listing.ts";

const spec: ListingSpec = {
  fields: {
    status: { path: "state.status", type: "enum", values: ["NEW"] },
    ownerId: { path: "state.ownerId", type: "string" },
    createTime: { path: "state.createTime", type: "time" },
    name: { path: "state.nameKey", type: "string" },
    tags: { path: "state.tags", type: "string", repeated: true },
    needs: { path: "state.needs", type: "string", repeated: true },
  },
  indexes: [["status", "-createTime"], ["ownerId", "-createTime"], ["name"]],
  defaultOrder: "-createTime",
};

describe("the indexes of a listing", () => {
  const keys = listIndexes(defineListing(spec)).map(({ key }) =>
    Object.entries(key)
      .map(([path, way]) => `${path}:${way}`)
      .join(" "),
  );

  it("begin with the tenant and end with the id in the order's direction", () => {
    for (const key of keys) expect(key).toMatch(/^tenant:1 .*(createTime:-1 _id:-1|nameKey:1 _id:1)$/);
  });

  it("are the default order's, alone, by owner and by team, and those declared", () => {
    expect(keys).toEqual([
      "tenant:1 state.createTime:-1 _id:-1",
      "tenant:1 state.ownerId:1 state.createTime:-1 _id:-1",
      "tenant:1 state.teamId:1 state.createTime:-1 _id:-1",
      "tenant:1 state.status:1 state.createTime:-1 _id:-1",
      "tenant:1 state.nameKey:1 _id:1",
    ]);
  });

  it("have names of their own", () => {
    const names = listIndexes(defineListing(spec)).map(({ name }) => name);
    expect(new Set(names).size).toBe(keys.length);
  });

  it("lie where a projection keeps owner and team", () => {
    const rows = defineListing({ ...spec, indexes: [], owner: "ownerId", team: "teamId" });
    expect(listIndexes(rows).map(({ name }) => name)).toEqual([
      "list_state.createTime_desc",
      "list_ownerId_state.createTime_desc",
      "list_teamId_state.createTime_desc",
    ]);
  });
});

it("rows that are nobody's have no index by owner", () => {
  const rows = defineListing({ ...spec, indexes: [], unowned: true });
  expect(listIndexes(rows).map(({ name }) => name)).toEqual(["list_state.createTime_desc"]);
  expect(planList(rows, { tenant: "t1", visibility: { kind: "all" } })).toHaveProperty("scans.length", 1);
  expect(() => planList(rows, { tenant: "t1", visibility: { kind: "own", ownerId: "me" } })).toThrow("nobody's");
});

describe("a listing is refused", () => {
  it.each<[string, Partial<ListingSpec>]>([
    ["an index on a field that is not declared", { indexes: [["nope", "-createTime"]] }],
    ["a default order that is not declared", { defaultOrder: "nope" }],
    ["an order by a repeated field", { indexes: [["tags"]] }],
    ["an index on two repeated fields", { indexes: [["tags", "needs", "-createTime"]] }],
    ["an enum without values", { fields: { ...spec.fields, status: { path: "state.status", type: "enum" } } }],
    ["a prefix of a number", { fields: { ...spec.fields, n: { path: "state.n", type: "int32", prefixable: true } } }],
    ["a path that is an operator", { fields: { ...spec.fields, n: { path: "$where", type: "string" } } }],
    ["the tenant as a field", { fields: { ...spec.fields, tenant: { path: "tenant", type: "string" } } }],
    ["a snake_case name", { fields: { ...spec.fields, a_b: { path: "state.aB", type: "string" } } }],
  ])("for %s", (_, changes) => {
    expect(() => defineListing({ ...spec, ...changes })).toThrow(TypeError);
  });
});
