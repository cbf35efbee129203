import { type Closure, openPassage, type Passage } from "@keynode/engines/passage";
import { privateBus } from "@keynode/engines/testing";
import type { Engine } from "@keynode/engines/engine";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startSubscription } from "../src/consumer.ts";
import { Transient } from "../src/fault.ts";
import type { Relay } from "../src/relay.ts";
import { entry, openService, publishedIds, recorder, type TestService } from "./support.ts";
import { recordsCollection } from "./test-host.ts";

let bus: Engine;
let passage: Passage;
let source: TestService;
let target: TestService;
let relay: Relay;

beforeAll(async () => {
  bus = await privateBus();
  passage = await openPassage(bus.url);
  [source, target] = [await openService(bus.url), await openService(passage.url)];
  relay = await source.relay({ sweepMs: 100 });
  // Consumers wait for a source that has published nothing.
  await source.insert("lead_first", [entry(1)]);
  await relay.drained();
});
afterAll(async () => {
  await relay.stop();
  await source.close();
  await target.close();
  passage.stop();
  await bus.stop();
});

const closures: readonly Closure[] = ["refused", "silent"];

test.each(closures)(
  "what is published while a consumer cannot reach the broker (%s) comes when it can",
  async (how) => {
    const relay = await source.relay({ sweepMs: 100 });
    const { events, handle } = recorder();
    const subscription = startSubscription({
      ...(await target.subscribing(source)),
      name: how,
      from: { [source.context]: "*" },
      history: "none",
      handle,
      ackWaitMs: 1_000,
    });
    await vi.waitFor(() => expect(Object.values(subscription.states())).toEqual(["live"]), { timeout: 10_000 });
    passage.close(how);
    const missed = entry(1);
    await source.insert(`lead_${how}`, [missed]);
    relay.wake(recordsCollection, `lead_${how}`);
    await relay.drained();
    expect(await publishedIds(source)).toContain(missed.id);
    // Longer than the broker waits for an answer: what it sent into the outage it has given up by then.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(events).toEqual([]);
    await passage.open();
    await vi.waitFor(() => expect(events.map(({ id }) => id)).toEqual([missed.id]), { timeout: 20_000 });
    await subscription.stop();
    await relay.stop();
  },
);

test("an event waits for what its handler needs however long that is away, and is no failure", async () => {
  let away = true;
  let attempts = 0;
  const host = await target.subscribing(source);
  const subscription = startSubscription({
    ...host,
    name: "patient",
    from: { [source.context]: "*" },
    history: "none",
    maxAttempts: 2,
    retryAfterMs: [20],
    handle: async () => {
      attempts += 1;
      if (away) throw new Transient("the store is away");
    },
  });
  await vi.waitFor(() => expect(Object.values(subscription.states())).toEqual(["live"]), { timeout: 10_000 });
  await source.insert("lead_patient", [entry(1)]);
  relay.wake(recordsCollection, "lead_patient");
  await vi.waitFor(() => expect(attempts).toBeGreaterThan(6), { timeout: 10_000 });
  away = false;
  await subscription.caughtUp();
  expect((await host.deadLetters.list()).letters).toEqual([]);
  await subscription.stop();
});
