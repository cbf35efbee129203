import { randomUUID } from "node:crypto";
import { openSequence } from "@keynode/aggregate/sequence";
import { openStore, type Store } from "@keynode/aggregate/store";
import { testDatabase } from "@keynode/aggregate/testing";
import { isDomainError } from "@keynode/decider/domain-error";
import { openJournal } from "@keynode/messaging/journal";
import { runDry } from "@keynode/telemetry/dry-run";
import type { Db } from "mongodb";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Counter,
  type CounterCommand,
  type CounterContext,
  type CounterEvent,
  context,
  counter,
  keyed,
  scope,
} from "./counter.ts";

const tenant = `tenant_${randomUUID()}`;
const now = () => new Date();
const wake = vi.fn();
let db: Db;
let store: Store<Counter, CounterCommand, CounterEvent, CounterContext>;

beforeAll(async () => {
  db = await testDatabase("dry-run");
  const journal = await openJournal(db, { now });
  store = openStore(counter, { db, journal, now, relay: { wake } });
  await store.prepare();
});

const open = async (label: string = randomUUID()): Promise<string> => {
  const outcome = await store.create({ type: "Open", label, limit: 10 }, scope(tenant), context);
  if (isDomainError(outcome)) throw new Error(outcome.reason);
  return outcome.state.id;
};
const all = () => store.collection.find({ tenant }).sort({ _id: 1 }).toArray();

/** Runs it dry, and expects that nothing changed and nobody was told. */
const tried = async <Outcome>(run: () => Promise<Outcome>): Promise<Outcome> => {
  const before = await all();
  wake.mockClear();
  const outcome = await runDry(run);
  expect(await all()).toEqual(before);
  expect(wake).not.toHaveBeenCalled();
  return outcome;
};

describe("a command that is tried", () => {
  it("answers the record as it would be, with the version that it would have", async () => {
    const id = await open();
    const wrote = vi.fn();
    const outcome = await tried(() => store.execute(id, { type: "Add", amount: 3 }, scope(tenant, { wrote }), context));
    expect(outcome).toMatchObject({ state: { id, count: 3 }, version: 2 });
    expect(wrote).not.toHaveBeenCalled();
  });

  it("answers the record that it would make, under the id that its key will give it", async () => {
    const command = { type: "Open", label: randomUUID(), limit: 1 } as const;
    const by = keyed(tenant, randomUUID());
    const foretold = await tried(() => store.create(command, by, context));
    const made = await store.create(command, by, context);
    expect(isDomainError(foretold) || isDomainError(made)).toBe(false);
    expect((foretold as { state: Counter }).state.id).toBe((made as { state: Counter }).state.id);
    expect((foretold as { version: number }).version).toBe(1);
  });

  it("that was done before under its key answers what it answered then", async () => {
    const command = { type: "Open", label: randomUUID(), limit: 1 } as const;
    const by = keyed(tenant, randomUUID());
    const made = await store.create(command, by, context);
    await store.execute((made as { state: Counter }).state.id, { type: "Add", amount: 1 }, scope(tenant), context);
    expect(await tried(() => store.create(command, by, context))).toMatchObject({ state: { count: 0 }, version: 1 });
  });

  it.each([
    ["by its rules", { type: "Add", amount: 11 }, {}, "LIMIT_REACHED"],
    ["for a version that is gone", { type: "Add", amount: 1 }, { expectedVersion: 7 }, "ETAG_MISMATCH"],
    ["out of sight", { type: "Add", amount: 1 }, { visibility: { kind: "own", ownerId: "user_x" } }, "NOT_FOUND"],
    ["for its size", { type: "Pad", text: "x".repeat(140 * 1024) }, {}, "STATE_TOO_LARGE"],
  ] as const)("is refused %s as the command itself would be", async (_, command, more, reason) => {
    const id = await open();
    expect(await tried(() => store.execute(id, command, scope(tenant, more), context))).toMatchObject({ reason });
  });

  it("is refused for a value that another record has, but not for one's own or another tenant's", async () => {
    const label = randomUUID();
    const id = await open(label);
    const again = { type: "Open", label: label.toUpperCase(), limit: 1 } as const;
    expect(await tried(() => store.create(again, scope(tenant), context))).toMatchObject({ reason: "LABEL_TAKEN" });
    expect(await tried(() => store.create(again, scope("tenant_other"), context))).toMatchObject({ version: 1 });
    expect(await tried(() => store.execute(id, { type: "Add", amount: 1 }, scope(tenant), context))).toMatchObject({
      version: 2,
    });
  });

  it("takes no number of a series, and sees the one that it would get", async () => {
    const next = openSequence(db, "tries");
    expect(await runDry(() => next(tenant))).toBe(1n);
    expect([await next(tenant), await runDry(() => next(tenant)), await next(tenant)]).toEqual([1n, 2n, 2n]);
  });
});
