import { setTimeout as delay } from "node:timers/promises";
import { Binary } from "mongodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { OutboxEntry } from "../src/entry.ts";
import { relayLeaseMs } from "../src/outbox.ts";
import type { Relay, RelayStep } from "../src/relay.ts";
import { collected, entry, openService, publishedIds, type TestService } from "./support.ts";
import { recordsCollection } from "./test-host.ts";

let service: TestService;

const inOwnService = (): void => {
  beforeAll(async () => {
    service = await openService();
  });
  afterAll(() => service.close());
};

const journaledIds = async (id: string): Promise<readonly string[]> =>
  (await collected(service.journal.history("t1", id))).map((row) => row._id);

const entries = (from: number, to: number): OutboxEntry[] =>
  Array.from({ length: to - from + 1 }, (_, at) => entry(from + at));

/** Ids in the order of their first appearance on the bus, and how often each came. */
const published = async (): Promise<{ readonly order: readonly string[]; readonly repeats: number }> => {
  const ids = await publishedIds(service);
  const order = [...new Set(ids)];
  return { order, repeats: ids.length - order.length };
};

describe("one relay", () => {
  inOwnService();
  let relay: Relay;
  beforeAll(async () => {
    relay = await service.relay();
  });
  afterAll(() => relay.stop());

  test("a commit's events reach the journal and the bus in order, and leave the outbox", async () => {
    const events = entries(1, 3);
    await service.insert("lead_order", events);
    relay.wake(recordsCollection, "lead_order");
    await relay.drained();
    const ids = events.map(({ id }) => id);
    expect(await journaledIds("lead_order")).toEqual(ids);
    expect((await published()).order).toEqual(ids);
    expect(await service.records.findOne({ _id: "lead_order" as never })).toEqual({
      _id: "lead_order",
      tenant: "t1",
      version: 3,
      state: {},
      outbox: [],
    });
  });

  test("what is committed while its record is being relayed is relayed too", async () => {
    await service.insert("lead_busy", [entry(1)]);
    for (let version = 2; version <= 60; version++) {
      relay.wake(recordsCollection, "lead_busy");
      await service.commit("lead_busy", entry(version));
    }
    relay.wake(recordsCollection, "lead_busy");
    await relay.drained();
    const history = await collected(service.journal.history("t1", "lead_busy"));
    expect(history.map(({ version }) => version)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
    expect(await service.outboxOf("lead_busy")).toEqual([]);
  });

  test("more than one round's worth of events goes out in rounds, each record in order", async () => {
    const records = Array.from({ length: 30 }, (_, at) => ({ id: `lead_many${at}`, events: entries(1, 40) }));
    for (const { id, events } of records) await service.insert(id, events);
    for (const { id } of records) relay.wake(recordsCollection, id);
    await relay.drained();
    const { order, repeats } = await published();
    expect(repeats).toBe(0);
    for (const { events } of records) {
      const ids = new Set(events.map(({ id }) => id));
      expect(order.filter((id) => ids.has(id))).toEqual([...ids]);
    }
  });

  test("a record nobody woke is found by the sweep once its lease has run out", async () => {
    await service.insert("lead_asleep", [entry(1)]);
    service.host.advance(relayLeaseMs + 1);
    await vi.waitFor(async () => expect(await service.outboxOf("lead_asleep")).toEqual([]), { timeout: 10_000 });
    expect(await journaledIds("lead_asleep")).toHaveLength(1);
  });

  test("a record whose outbox was emptied but whose relayAt stayed is put to rest", async () => {
    await service.insert("lead_rest", []);
    await relay.drained();
    expect(await service.records.findOne({ _id: "lead_rest" as never })).not.toHaveProperty("relayAt");
  });

  test("a collection that is not relayed cannot be woken", () => {
    expect(() => relay.wake("elsewhere", "lead_1")).toThrow("elsewhere");
  });
});

describe("a record whose place in the journal holds another event", () => {
  inOwnService();

  test("stops and alarms; what stood before it goes out, and so do all other records", async () => {
    const [before, intruder, behind] = [entry(1), entry(2), entry(3)];
    const { id, ...recorded } = entry(2);
    await service.journal.append([{ _id: id, tenant: "t1", kind: "lead", aggregate: "lead_stopped", ...recorded }]);
    await service.insert("lead_stopped", [before, intruder, behind]);
    const other = entry(1);
    await service.insert("lead_other", [other]);

    const relay = await service.relay();
    await relay.drained();
    expect(relay.stats().stopped).toBe(1);
    expect(service.host.lines.filter(({ level }) => level === "error").map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ record: "lead_stopped", event: intruder.id, version: 2 }),
    ]);
    expect(await service.outboxOf("lead_stopped")).toEqual([intruder, behind]);
    expect((await published()).order.toSorted()).toEqual([before.id, other.id].toSorted());
    await relay.stop();
  });
});

describe("an event the bus cannot carry", () => {
  inOwnService();

  test.each([
    ["is larger than the broker takes", () => entry(1, { data: new Binary(new Uint8Array(1024 * 1024 + 1)) }), "t1"],
    ["has a tenant that cannot stand in a subject", () => entry(1), "two.tokens"],
  ])("stops its record only: it %s", async (why, make, tenant) => {
    const [stuck, fine] = [`lead_stuck ${why}`, `lead_fine ${why}`];
    await service.insert(stuck, [make()], tenant);
    await service.insert(fine, [entry(1)]);
    const relay = await service.relay();
    await relay.drained();
    expect(relay.stats().stopped).toBe(1);
    expect(await service.outboxOf(stuck)).toHaveLength(1);
    expect(await service.outboxOf(fine)).toEqual([]);
    await relay.stop();
    await service.records.deleteOne({ _id: stuck as never });
  });
});

describe("a fault before any step", () => {
  inOwnService();

  test.each<RelayStep>(["take", "journal", "publish", "clear"])(
    "of the relay (%s) repeats it, and loses and doubles nothing",
    async (failing) => {
      let left = 3;
      const events = entries(1, 5);
      const id = `lead_${failing}`;
      await service.insert(id, events);
      const relay = await service.relay({
        before: (step) => {
          if (step === failing && left-- > 0) throw new Error("injected");
        },
      });
      relay.wake(recordsCollection, id);
      await relay.drained();
      expect(relay.stats().faults).toBe(3);
      await relay.stop();
      const ids = events.map((event) => event.id);
      expect(await journaledIds(id)).toEqual(ids);
      const all = await publishedIds(service);
      expect(all.filter((published) => ids.includes(published))).toEqual(ids);
      expect(await service.outboxOf(id)).toEqual([]);
    },
  );

  test.each<RelayStep>(["journal", "publish", "clear"])(
    "a relay that gives up at a step (%s) leaves its records to the next one, which takes them when their lease ends",
    async (failing) => {
      const events = entries(1, 5);
      const id = `lead_left_${failing}`;
      await service.insert(id, events);
      const reached = Promise.withResolvers<void>();
      const failed = await service.relay({
        before: (step) => {
          if (step !== failing) return;
          reached.resolve();
          throw new Error("injected");
        },
      });
      failed.wake(recordsCollection, id);
      await reached.promise;
      await failed.stop();
      expect(await service.outboxOf(id)).toEqual(events);

      service.host.advance(relayLeaseMs + 1);
      const next = await service.relay();
      await vi.waitFor(async () => expect(await service.outboxOf(id)).toEqual([]), { timeout: 10_000 });
      await next.stop();
      const ids = events.map((event) => event.id);
      expect(await journaledIds(id)).toEqual(ids);
      const all = await publishedIds(service);
      expect(all.filter((published) => ids.includes(published))).toEqual(ids);
    },
  );
});

describe("an acknowledgement of the broker that is lost", () => {
  inOwnService();

  test("makes the relay publish again, and the broker drops the repeat", async () => {
    const events = entries(1, 5);
    await service.insert("lead_ack", events);
    const request = service.nats.request.bind(service.nats);
    let lost = 0;
    vi.spyOn(service.nats, "request").mockImplementation(async (subject, ...rest) => {
      const reply = await request(subject, ...rest);
      if (!subject.startsWith("crm.v1.") || lost > 0) return reply;
      lost += 1;
      throw new Error("the reply was lost");
    });
    const relay = await service.relay();
    await relay.drained();
    await relay.stop();
    vi.restoreAllMocks();
    expect(lost).toBe(1);
    expect(relay.stats().faults).toBe(1);
    expect(await publishedIds(service)).toEqual(events.map(({ id }) => id));
  });
});

describe("two relays over the same records", () => {
  inOwnService();

  test("lose nothing and, after the broker dropped the repeats, publish nothing twice", async () => {
    const relays = [await service.relay({ sweepMs: 50 }), await service.relay({ sweepMs: 50 })];
    const expected: string[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const id = `lead_two${writer}`;
        await service.insert(id, []);
        for (let version = 1; version <= 40; version++) {
          const event = entry(version);
          expected.push(event.id);
          await service.commit(id, event);
          // Each replica makes some of the commits, and now and then neither hears of one.
          if (version % 5 !== 0) relays[(version + writer) % 2]?.wake(recordsCollection, id);
          if (version % 20 === 0) service.host.advance(relayLeaseMs);
          await delay(0);
        }
      }),
    );
    await Promise.all(relays.map((relay) => relay.drained()));
    await Promise.all(relays.map((relay) => relay.stop()));
    const { order, repeats } = await published();
    expect(order.toSorted()).toEqual(expected.toSorted());
    expect(repeats).toBe(0);
    expect(relays.map((relay) => relay.stats().stopped)).toEqual([0, 0]);
    expect((await collected(service.journal.scan())).map(({ _id }) => _id).toSorted()).toEqual(expected.toSorted());
  });
});
