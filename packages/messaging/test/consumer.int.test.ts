import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { toBusMessage } from "../src/cloud-event.ts";
import { startSubscription, type Subscription, type SubscriptionOptions } from "../src/consumer.ts";
import { type DeadLetters, openDeadLetters } from "../src/dead-letter.ts";
import type { OutboxEntry } from "../src/entry.ts";
import { Poison, Transient } from "../src/fault.ts";
import type { Recorded } from "../src/recorded.ts";
import type { Relay } from "../src/relay.ts";
import { ensureStream } from "../src/stream.ts";
import { streamName } from "../src/subject.ts";
import { entry, openService, recorder, type TestService } from "./support.ts";
import { recordsCollection } from "./test-host.ts";

let source: TestService;
let target: TestService;
let relay: Relay;
let deadLetters: DeadLetters;
let names = 0;

beforeAll(async () => {
  [source, target] = [await openService(), await openService()];
  relay = await source.relay();
  deadLetters = await openDeadLetters(target.db, target.host);
  await ensureStream(await jetstreamManager(source.nats), source.context, source.host);
});
afterAll(async () => {
  await relay.stop();
  await source.close();
  await target.close();
});

const subscribe = async (options: Partial<SubscriptionOptions>): Promise<Subscription> =>
  startSubscription({
    ...(await target.subscribing(source)),
    deadLetters,
    name: `sub${names++}`,
    from: { [source.context]: "*" },
    retryAfterMs: [20],
    handle: async () => undefined,
    ...options,
  });

/** Commits these events to a new record and waits until they are on the bus. */
const publish = async (id: string, events: readonly OutboxEntry[], tenant?: string): Promise<void> => {
  await source.insert(id, events, tenant);
  relay.wake(recordsCollection, id);
  await relay.drained();
};

/** A handler that treats the events of one record as told and lets all others pass. */
const forRecord = (id: string, handle: (event: Recorded) => Promise<void>) => async (event: Recorded) => {
  if (event.recordId === id) await handle(event);
};

const settled = async (subscription: Subscription): Promise<void> => {
  await subscription.caughtUp();
  await subscription.stop();
};

test("an event arrives whole, from any tenant, and no other type than those asked for", async () => {
  const { events, handle } = recorder();
  const subscription = await subscribe({ from: { [source.context]: ["LeadWon"] }, handle });
  const won = entry(1, {
    type: "LeadWon",
    causedBy: "cause",
    traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-00`,
  });
  await publish("lead_typed", [won, entry(2)], "t_any");
  await settled(subscription);
  const { id, commandKey: _, requestHash: __, data, ...fields } = won;
  expect(events).toEqual([
    {
      id,
      ...fields,
      context: source.context,
      tenant: "t_any",
      kind: "lead",
      recordId: "lead_typed",
      data: Buffer.from(data.value()),
    },
  ]);
});

test("events of one record are handled one at a time and in order, those of others beside them", async () => {
  const running = new Set<string>();
  const seen: Recorded[] = [];
  let most = 0;
  const subscription = await subscribe({
    handle: async (event) => {
      expect(running.has(event.recordId)).toBe(false);
      running.add(event.recordId);
      most = Math.max(most, running.size);
      await new Promise(setImmediate);
      running.delete(event.recordId);
      seen.push(event);
    },
  });
  const ids = Array.from({ length: 10 }, (_, at) => `lead_lane${at}`);
  for (const id of ids)
    await source.insert(
      id,
      Array.from({ length: 20 }, (_, at) => entry(at + 1)),
    );
  for (const id of ids) relay.wake(recordsCollection, id);
  await relay.drained();
  await settled(subscription);
  for (const id of ids)
    expect(seen.filter(({ recordId }) => recordId === id).map(({ version }) => version)).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
  expect(most).toBeGreaterThan(1);
});

test("two replicas share the events: each is handled by one of them", async () => {
  const [one, other] = [recorder(), recorder()];
  const name = `sub${names++}`;
  const replicas = [await subscribe({ name, handle: one.handle }), await subscribe({ name, handle: other.handle })];
  await publish(
    "lead_shared",
    Array.from({ length: 60 }, (_, at) => entry(at + 1)),
  );
  await Promise.all(replicas.map((replica) => replica.caughtUp()));
  await Promise.all(replicas.map((replica) => replica.stop()));
  const ids = [...one.events, ...other.events].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("what a stopped replica had not handled is delivered to the next one", async () => {
  const name = `sub${names++}`;
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const first = recorder();
  const stopped = await subscribe({
    name,
    concurrency: 1,
    from: { [source.context]: ["Handover"] },
    handle: async (event) => {
      started.resolve();
      await finish.promise;
      await first.handle(event);
    },
  });
  const events = Array.from({ length: 10 }, (_, at) => entry(at + 1, { type: "Handover" }));
  await publish("lead_handover", events);
  await started.promise;
  const stopping = stopped.stop();
  finish.resolve();
  await stopping;
  const second = recorder();
  const next = await subscribe({ name, from: { [source.context]: ["Handover"] }, handle: second.handle });
  await settled(next);
  expect(first.events).toHaveLength(1);
  const handled = [...first.events, ...second.events].map(({ id }) => id);
  expect(handled.toSorted()).toEqual(events.map(({ id }) => id));
});

describe("an event whose handler throws", () => {
  test("is tried again, and goes to the dead letters after the last attempt; the rest flows", async () => {
    let attempts = 0;
    const { events, handle } = recorder();
    const subscription = await subscribe({
      maxAttempts: 3,
      handle: async (event) => {
        if (event.recordId === "lead_bad") {
          attempts += 1;
          throw new Error(`attempt ${attempts}`);
        }
        await handle(event);
      },
    });
    const [bad, good] = [entry(1), entry(1)];
    await publish("lead_bad", [bad]);
    await publish("lead_good", [good]);
    await settled(subscription);
    expect(attempts).toBe(3);
    expect(events.map(({ id }) => id)).toContain(good.id);
    expect((await deadLetters.list({ subscription: subscription.id })).letters).toEqual([
      expect.objectContaining({
        _id: `${subscription.id}:${bad.id}`,
        attempts: 3,
        error: "Error: attempt 3",
        event: expect.objectContaining({ id: bad.id, recordId: "lead_bad", tenant: "t1" }),
      }),
    ]);
  });

  test("waits before each further attempt", async () => {
    const at: number[] = [];
    const subscription = await subscribe({
      retryAfterMs: [300, 600],
      handle: forRecord("lead_waits", async () => {
        at.push(performance.now());
        if (at.length < 3) throw new Error("not yet");
      }),
    });
    await publish("lead_waits", [entry(1)]);
    await settled(subscription);
    const [first = 0, second = 0, third = 0] = at;
    // A fifth less by jitter, and some milliseconds by the broker's own clock.
    expect(second - first).toBeGreaterThan(230);
    expect(third - second).toBeGreaterThan(470);
  });

  test("and says Poison goes to the dead letters at once", async () => {
    let attempts = 0;
    const subscription = await subscribe({
      handle: forRecord("lead_poison", async () => {
        attempts += 1;
        throw new Poison("cannot be decoded");
      }),
    });
    await publish("lead_poison", [entry(1)]);
    await settled(subscription);
    expect(attempts).toBe(1);
    expect((await deadLetters.list({ subscription: subscription.id })).letters).toHaveLength(1);
  });

  test("and says Transient waits for as long as it takes", async () => {
    let attempts = 0;
    const subscription = await subscribe({
      maxAttempts: 2,
      handle: forRecord("lead_transient", async () => {
        attempts += 1;
        if (attempts < 10) throw new Transient("the other service is away");
      }),
    });
    await publish("lead_transient", [entry(1)]);
    await settled(subscription);
    expect(attempts).toBe(10);
    expect((await deadLetters.list({ subscription: subscription.id })).letters).toEqual([]);
  });

  test("is kept on the bus while its dead letter cannot be stored", async () => {
    let refusals = 2;
    const failing: DeadLetters = {
      ...deadLetters,
      put: async (letter) => {
        if (refusals-- > 0) throw new Error("no room");
        await deadLetters.put(letter);
      },
    };
    const subscription = await subscribe({
      deadLetters: failing,
      handle: forRecord("lead_unburied", async () => {
        throw new Poison("never");
      }),
    });
    await publish("lead_unburied", [entry(1)]);
    await settled(subscription);
    expect(refusals).toBeLessThan(0);
    expect((await deadLetters.list({ subscription: subscription.id })).letters).toHaveLength(1);
  });
});

describe("a message that must not reach a handler", () => {
  test.each([
    ["names another tenant in its headers than in its subject", { "ce-tenant": "t_other" }],
    ["names another context in its headers than in its subject", { "ce-source": "/crm/contract" }],
    ["is no CloudEvent", { "ce-specversion": "" }],
  ])("because it %s is a dead letter, and never handled", async (_, forged) => {
    const { events, handle } = recorder();
    const subscription = await subscribe({ from: { [source.context]: ["Forged"] }, handle });
    const { context } = source;
    const { id, commandKey: _key, requestHash: _hash, data, ...fields } = entry(1, { type: "Forged" });
    const message = toBusMessage({
      id,
      ...fields,
      context,
      tenant: "t1",
      kind: "lead",
      recordId: "lead_forged",
      data: data.value(),
    });
    for (const [name, value] of Object.entries(forged)) message.headers.set(name, value);
    source.nats.publish(message.subject, message.data, { headers: message.headers });
    await source.nats.flush();
    await vi.waitFor(async () => {
      const { letters } = await deadLetters.list({ subscription: subscription.id });
      expect(letters.map(({ subject }) => subject)).toContain(message.subject);
    });
    await settled(subscription);
    expect(events).toEqual([]);
  });
});

test("republished snapshots reach only who names them", async () => {
  const [all, named] = [recorder(), recorder()];
  const subscriptions = [
    await subscribe({ from: { [source.context]: "*" }, handle: all.handle }),
    await subscribe({ from: { [source.context]: ["*", "Snapshot"] }, handle: named.handle }),
  ];
  const snapshot = entry(1, { type: "Snapshot" });
  await publish("lead_snapshot", [snapshot]);
  await Promise.all(subscriptions.map(settled));
  expect(all.events.map(({ id }) => id)).not.toContain(snapshot.id);
  expect(named.events.map(({ id }) => id)).toContain(snapshot.id);
});

test("a source that is not up yet is waited for, and its events then arrive", async () => {
  const late = await openService();
  const { events, handle } = recorder();
  const subscription = startSubscription({
    ...(await target.subscribing(late)),
    deadLetters,
    name: `sub${names++}`,
    from: { [late.context]: "*" },
    handle,
  });
  await vi.waitFor(() => expect(target.host.lines.at(-1)?.message).toContain("waiting for the source"));
  expect(subscription.states()).toEqual({ [late.context]: "waiting" });
  const lateRelay = await late.relay();
  const event = entry(1);
  await late.insert("lead_late", [event]);
  await lateRelay.drained();
  await vi.waitFor(() => expect(events.map(({ id }) => id)).toEqual([event.id]), { timeout: 15_000 });
  await subscription.stop();
  await lateRelay.stop();
  await late.close();
});

describe("a subscription whose position is gone", () => {
  let lost: TestService;
  let lostRelay: Relay;

  beforeAll(async () => {
    lost = await openService();
    lostRelay = await lost.relay();
  });
  afterAll(async () => {
    await lostRelay.stop();
    await lost.close();
  });

  const record = async (id: string): Promise<string> => {
    const event = entry(1);
    await lost.insert(id, [event]);
    await lostRelay.drained();
    return event.id;
  };

  const startOn = async (name: string, handle: (event: Recorded) => Promise<void>) =>
    startSubscription({
      ...(await target.subscribing(lost)),
      deadLetters,
      name,
      from: { [lost.context]: "*" },
      handle,
    });

  test("because the stream was deleted back-fills from the journal and goes on with the new stream", async () => {
    const name = `sub${names++}`;
    const manager = await jetstreamManager(lost.nats);
    const first = recorder();
    const before = await record("lead_before");
    await settled(await startOn(name, first.handle));

    const unseen = await record("lead_unseen");
    await manager.streams.delete(streamName(lost.context));
    const { events, handle } = recorder();
    const after = await record("lead_after");
    const subscription = await startOn(name, handle);
    await vi.waitFor(
      () => {
        const ids = new Set(events.map(({ id }) => id));
        expect([unseen, after].filter((id) => !ids.has(id))).toEqual([]);
      },
      { timeout: 15_000 },
    );
    expect(first.events.map(({ id }) => id)).toEqual([before]);
    await settled(subscription);
  });

  test("while it runs notices that the stream was deleted", async () => {
    const name = `sub${names++}`;
    const manager = await jetstreamManager(lost.nats);
    const { events, handle } = recorder();
    const subscription = await startOn(name, handle);
    const before = await record("lead_running");
    await vi.waitFor(() => expect(events.map(({ id }) => id)).toContain(before), { timeout: 15_000 });
    await manager.streams.delete(streamName(lost.context));
    const after = await record("lead_recreated");
    await vi.waitFor(() => expect(events.map(({ id }) => id)).toContain(after), { timeout: 20_000 });
    await settled(subscription);
  });

  test("because its consumer was deleted goes on where it was", async () => {
    const name = `sub${names++}`;
    const first = recorder();
    await record("lead_consumer1");
    const subscription = await startOn(name, first.handle);
    await settled(subscription);
    const manager = await jetstreamManager(lost.nats);
    await manager.consumers.delete(streamName(lost.context), subscription.id);
    const unseen = await record("lead_consumer2");
    const { events, handle } = recorder();
    await settled(await startOn(name, handle));
    expect(events.map(({ id }) => id)).toEqual([unseen]);
  });

  test("because the broker dropped events it had not seen back-fills them", async () => {
    const name = `sub${names++}`;
    const seen = await record("lead_trimmed1");
    const first = recorder();
    await settled(await startOn(name, first.handle));
    expect(first.events.map(({ id }) => id)).toContain(seen);
    const unseen = await record("lead_trimmed2");
    const manager = await jetstreamManager(lost.nats);
    await manager.streams.purge(streamName(lost.context));
    const last = await record("lead_trimmed3");
    const { events, handle } = recorder();
    const subscription = await startOn(name, handle);
    await settled(subscription);
    const ids = new Set(events.map(({ id }) => id));
    expect([unseen, last].filter((id) => !ids.has(id))).toEqual([]);
  });

  test("of a new subscription: the stream no longer holds the first event, so it begins with the journal", async () => {
    const first = await record("lead_new");
    await (await jetstreamManager(lost.nats)).streams.purge(streamName(lost.context));
    const { events, handle } = recorder();
    const subscription = await startOn(`sub${names++}`, handle);
    await settled(subscription);
    expect(events.map(({ id }) => id)).toContain(first);
  });
});
