import { describe, expect, it } from "vitest";
import { appendBounded, changedPaths, withChanges } from "@keynode/decider/record";

const record = {
  name: "Acme",
  expectedCloseDate: { year: 2017, month: 3, day: 1 },
  needs: ["ink"],
  address: { city: "Wuxi" },
};

describe("changedPaths", () => {
  it("names a field whose value differs, by its proto path", () => {
    const patch = { ...record, expectedCloseDate: { year: 2017, month: 3, day: 2 } };
    expect(changedPaths(record, patch, ["name", "expected_close_date"])).toEqual(["expected_close_date"]);
  });
  it("compares lists by their items", () => {
    expect(changedPaths(record, { needs: ["ink"] }, ["needs"])).toEqual([]);
    expect(changedPaths(record, { needs: ["ink", "paper"] }, ["needs"])).toEqual(["needs"]);
  });
  it("takes a field that the patch lacks as cleared", () => {
    expect(changedPaths(record, {}, ["address.city"])).toEqual(["address.city"]);
  });
  it("never looks at inherited properties", () => {
    expect(changedPaths({}, {}, ["constructor", "to_string"])).toEqual([]);
  });
});

describe("withChanges", () => {
  it("changes the fields at the paths and no other", () => {
    const after = withChanges(record, { name: "Bolt", needs: [], address: { city: "Xi'an" } }, [
      "name",
      "address.city",
    ]);
    expect(after).toEqual({ ...record, name: "Bolt", address: { city: "Xi'an" } });
  });
  it("leaves the state it was given alone", () => {
    const before = structuredClone(record);
    withChanges(record, { address: { city: "Xi'an" } }, ["address.city"]);
    expect(record).toEqual(before);
  });
  it("makes the message around a nested field that was not there", () => {
    expect(withChanges<{ address?: { city: string } }>({}, { address: { city: "Wuxi" } }, ["address.city"])).toEqual({
      address: { city: "Wuxi" },
    });
  });
});

describe("appendBounded", () => {
  it("keeps the latest entries, oldest first", () => {
    expect(appendBounded([1, 2, 3], 4, 3)).toEqual([2, 3, 4]);
  });
});
