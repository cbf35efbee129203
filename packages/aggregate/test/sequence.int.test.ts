import { openSequence } from "@keynode/aggregate/sequence";
import { testDatabase } from "@keynode/aggregate/testing";
import { newId } from "@keynode/aggregate/type-id";
import type { Db } from "mongodb";
import { beforeAll, describe, expect, it } from "vitest";

let db: Db;

beforeAll(async () => {
  db = await testDatabase("sequence");
});

describe("a sequence", () => {
  it("gives each number once, however many ask at a time", async () => {
    const next = openSequence(db, "cases");
    const tenant = newId("tenant");
    const taken = await Promise.all(Array.from({ length: 20 }, () => next(tenant)));
    expect(taken.toSorted((a, b) => Number(a - b))).toEqual(Array.from({ length: 20 }, (_, at) => BigInt(at + 1)));
  });
  it("begins anew for each tenant and each series", async () => {
    const [first, second] = [newId("tenant"), newId("tenant")];
    await openSequence(db, "cases")(first);
    expect(await openSequence(db, "cases")(second)).toBe(1n);
    expect(await openSequence(db, "contracts")(first)).toBe(1n);
  });
});
