import { describe, expect, it, vi } from "vitest";
import type { SalesCopy } from "../../src/projections/sales.ts";
import { openReadings } from "../../src/reports/reading.ts";

/** A copy whose state the test sets, read at a time that the test sets. */
const reading = () => {
  const state = {
    now: new Date("2026-01-01T00:00:00Z"),
    asOf: new Date("2026-01-01T00:00:00Z") as Date | undefined,
    status: { generation: 1, revision: 1, sources: { lead: "live" } } as ReturnType<SalesCopy["status"]>,
  };
  const asOf = vi.fn(async () => state.asOf);
  const tables = vi.fn(() => ({}) as ReturnType<SalesCopy["tables"]>);
  const later = (ms: number): void => void (state.now = new Date(state.now.getTime() + ms));
  return { state, asOf, later, read: openReadings({ asOf, tables, status: () => state.status }, () => state.now) };
};

describe("a report is complete", () => {
  it("when its tables are live and up to a minute behind", async () => {
    const { read, later } = reading();
    expect((await read()).complete).toBe(true);
    later(60_000);
    expect((await read()).complete).toBe(true);
    later(1);
    expect((await read()).complete).toBe(false);
  });

  it("not while they are rebuilt, a journal is being read, or nothing is known", async () => {
    const { state, read, later } = reading();
    state.status = { ...state.status, building: 2 };
    expect((await read()).complete).toBe(false);
    state.status = { generation: 1, revision: 1, sources: { lead: "live", account: "backfilling" } };
    expect((await read()).complete).toBe(false);
    state.status = { generation: 1, revision: 1, sources: { lead: "live" } };
    expect((await read()).complete).toBe(true);
    state.asOf = undefined;
    later(1_000);
    expect(await read()).toMatchObject({ complete: false, asOf: undefined });
  });
});

describe("how far the tables are", () => {
  it("is asked once a second, since what was true stays true", async () => {
    const { asOf, read, later } = reading();
    await Promise.all([read(), read()]);
    later(999);
    await read();
    expect(asOf).toHaveBeenCalledTimes(1);
    later(1);
    await read();
    expect(asOf).toHaveBeenCalledTimes(2);
  });

  it("is asked anew of another generation, even if readers are switched while it is being asked", async () => {
    const { state, asOf, read } = reading();
    asOf.mockImplementationOnce(async () => {
      state.status = { ...state.status, generation: 2 };
      return new Date("2025-12-31T23:59:59Z");
    });
    expect(await read()).toMatchObject({ generation: 2, asOf: state.asOf });
    expect(asOf).toHaveBeenCalledTimes(2);
  });

  it("is asked again after it could not be told", async () => {
    const { asOf, read } = reading();
    asOf.mockRejectedValueOnce(new Error("away"));
    await expect(read()).rejects.toThrow("away");
    expect((await read()).complete).toBe(true);
  });
});
