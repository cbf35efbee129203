import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { reject } from "@keynode/decider/domain-error";
import { testEngines } from "@keynode/engines/testing";
import type { Db } from "mongodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Attempts, openAttempts } from "../src/credential/attempts.ts";
import { openServerSecret } from "../src/token/server-secret.ts";

const start = Date.UTC(2026, 0, 5);
const clock = { ms: start };
const secret = openServerSecret([Buffer.alloc(32, "a")]);

let db: Db;
beforeAll(async () => {
  const mongo = mongoClient(testEngines().mongodbUri);
  db = mongo.db(`test_attempts_${randomUUID().replaceAll("-", "")}`);
  await open().prepare();
  afterAll(async () => {
    await db.dropDatabase();
    await mongo.close();
  });
});
beforeEach(() => {
  clock.ms = start;
});

/** One replica; each call opens another on the same store, as after a restart. */
const open = (): Attempts => openAttempts(db, secret, () => new Date(clock.ms));

let counter = 0;
const account = (address?: string) => ({ tenant: "tenant_1", email: `person.${counter++}@demo.example`, address });
const nothing = async () => undefined;
const right = async () => "found";
const isOpen = async (trier: ReturnType<typeof account>) => (await open().make(trier, right)) === "found";
const fail = async (trier: ReturnType<typeof account>, times: number) => {
  for (let time = 0; time < times; time += 1) await open().make(trier, nothing);
};

describe("an account", () => {
  it("is locked by the fifth failure for half a minute, by each further one for twice as long, up to an hour", async () => {
    const trier = account();
    await fail(trier, 5);
    for (const pauseS of [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
      clock.ms += pauseS * 1_000 - 1;
      expect(await isOpen(trier), `${pauseS} s`).toBe(false);
      clock.ms += 1;
      await fail(trier, 1);
    }
    clock.ms += 3_600_000;
    expect(await isOpen(trier)).toBe(true);
  });
  it("is not kept locked by attempts that come while it is", async () => {
    const trier = account();
    await fail(trier, 20);
    clock.ms += 30_000;
    expect(await isOpen(trier)).toBe(true);
  });
  it("has five attempts again after a success, after a day, and once it is unlocked", async () => {
    const trier = account();
    for (const forget of [
      () => open().make(trier, right),
      async () => {
        clock.ms += 86_400_000 + 30_000;
      },
      () => open().unlock(trier.tenant, trier.email),
    ]) {
      await fail(trier, 4);
      await forget();
      await fail(trier, 4);
      expect(await isOpen(trier)).toBe(true);
    }
  });
  it("is not locked by an attempt that a replica with a clock ahead has counted", async () => {
    const trier = account("192.0.2.77");
    clock.ms += 3;
    await fail(trier, 1);
    clock.ms -= 3;
    expect(await isOpen(trier)).toBe(true);
  });
  it("gets no more than five tries out of a burst over many replicas, and every try costs the same work", async () => {
    const trier = account();
    let tries = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () =>
        open().make(trier, async () => {
          tries += 1;
          return "found";
        }),
      ),
    );
    expect(tries).toBe(30);
    const found = outcomes.filter((outcome) => outcome === "found").length;
    expect(found).toBeGreaterThan(0);
    await fail(trier, 5);
    expect(await Promise.all(Array.from({ length: 10 }, () => isOpen(trier)))).not.toContain(true);
  });
  it("of one tenant says nothing of the same address in another", async () => {
    const trier = account();
    await fail(trier, 6);
    expect(await isOpen(trier)).toBe(false);
    expect(await isOpen({ ...trier, tenant: "tenant_2" })).toBe(true);
  });
});

describe("an address of the network", () => {
  it("is told to wait after fifty failures, whatever the accounts, and successes take their counts back", async () => {
    const address = "203.0.113.7";
    for (let time = 0; time < 49; time += 1) await open().make(account(address), nothing);
    for (let time = 0; time < 60; time += 1) expect(await open().make(account(address), right)).toBe("found");
    await open().make(account(address), nothing);
    expect(await open().make(account(address), right)).toMatchObject({
      reason: "TOO_MANY_ATTEMPTS",
      metadata: { retryAfterMs: "60000" },
    });
    expect(await open().make(account("203.0.113.8"), right)).toBe("found");
    clock.ms += 60_000;
    expect(await open().make(account(address), right)).toBe("found");
  });
  it("is counted for tokens that do not fit, too", async () => {
    const address = "2001:db8::7";
    const refuse = () => open().makeFrom(address, async () => reject("REFRESH_FAILED"));
    for (let time = 0; time < 50; time += 1) expect(await refuse()).toMatchObject({ reason: "REFRESH_FAILED" });
    expect(await refuse()).toMatchObject({ reason: "TOO_MANY_ATTEMPTS" });
  });
});

it("three links may be asked for, then one each ten minutes and ever fewer", async () => {
  const { tenant, email } = account();
  const asked = [];
  for (let time = 0; time < 5; time += 1) asked.push(await open().mayAsk(tenant, email));
  expect(asked).toEqual([true, true, true, false, false]);
  clock.ms += 600_000;
  expect(await open().mayAsk(tenant, email)).toBe(true);
  clock.ms += 600_000;
  expect(await open().mayAsk(tenant, email)).toBe(false);
});

it("nothing that is kept names a person or an address", async () => {
  await open().make({ tenant: "tenant_3", email: "secret.person@demo.example", address: "198.51.100.77" }, nothing);
  const kept = JSON.stringify(await db.collection("throttles").find().toArray());
  expect(kept).not.toMatch(/secret\.person|198\.51/);
});
