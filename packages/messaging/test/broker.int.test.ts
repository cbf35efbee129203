import type { Engine } from "@keynode/engines/engine";
import { privateBus } from "@keynode/engines/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startSubscription } from "../src/consumer.ts";
import { openDeadLetters } from "../src/dead-letter.ts";
import { entry, openService, publishedIds, recorder, type TestService } from "./support.ts";
import { recordsCollection } from "./test-host.ts";

let bus: Engine;
let source: TestService;
let target: TestService;

beforeAll(async () => {
  bus = await privateBus();
  [source, target] = [await openService(bus.url), await openService(bus.url)];
});
afterAll(async () => {
  await source.close();
  await target.close();
  await bus.stop();
});

test("events committed before, while and after the broker is killed arrive, each once on the bus", {
  timeout: 90_000,
}, async () => {
  const relay = await source.relay({ sweepMs: 100 });
  const { events, handle } = recorder();
  const subscription = startSubscription({
    ...(await target.subscribing(source)),
    name: "survivor",
    from: { [source.context]: "*" },
    handle,
    ackWaitMs: 3_000,
    deadLetters: await openDeadLetters(target.db, target.host),
  });
  const expected: string[] = [];
  const commitMany = async (records: string): Promise<void> => {
    for (let at = 0; at < 50; at++) {
      const event = entry(1);
      expected.push(event.id);
      await source.insert(`lead_${records}${at}`, [event]);
      relay.wake(recordsCollection, `lead_${records}${at}`);
    }
  };

  for (const round of ["a", "b"]) {
    await commitMany(`${round}_before`);
    // Not drained: the kill meets a relay and a consumer at work.
    await bus.kill();
    await commitMany(`${round}_while`);
    await vi.waitFor(() => expect(relay.stats().faults).toBeGreaterThan(0), { timeout: 20_000 });
    await bus.start();
    await commitMany(`${round}_after`);
  }
  await relay.drained();
  await vi.waitFor(() => expect(new Set(events.map(({ id }) => id))).toEqual(new Set(expected)), { timeout: 40_000 });
  expect((await publishedIds(source)).toSorted()).toEqual(expected.toSorted());
  await subscription.stop();
  await relay.stop();
});

test("an idle connection's subscription goes on soon after the broker is back", { timeout: 60_000 }, async () => {
  const relay = await source.relay();
  const { events, handle } = recorder();
  const subscription = startSubscription({
    ...(await target.subscribing(source)),
    name: "idle",
    from: { [source.context]: ["Late"] },
    handle,
    deadLetters: await openDeadLetters(target.db, target.host),
  });
  await subscription.caughtUp();
  await bus.kill();
  await bus.start();
  const event = entry(1, { type: "Late" });
  await source.insert("lead_idle", [event]);
  relay.wake(recordsCollection, "lead_idle");
  await vi.waitFor(() => expect(events.map(({ id }) => id)).toEqual([event.id]), { timeout: 20_000 });
  await subscription.stop();
  await relay.stop();
});
