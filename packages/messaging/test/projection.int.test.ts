import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import fc from "fast-check";
import { Binary } from "mongodb";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type BusMessage, toBusMessage } from "../src/cloud-event.ts";
import type { SubscriptionHost } from "../src/consumer.ts";
import type { OutboxEntry } from "../src/entry.ts";
import { defineProjection, type Projection, type ProjectionDefinition, startProjection } from "../src/projection.ts";
import { openProjectionRegistry, type ProjectionRegistry } from "../src/projection-registry.ts";
import type { Relay } from "../src/relay.ts";
import { ensureStream } from "../src/stream.ts";
import { streamName } from "../src/subject.ts";
import { entry, openService, type TestService } from "./support.ts";
import { recordsCollection } from "./test-host.ts";

type Rows = { deals: { readonly amount: number }; big: { readonly amount: number } };

let source: TestService;
let other: TestService;
let target: TestService;
let relays: readonly Relay[];
let shared: SubscriptionHost;
let registry: ProjectionRegistry;
let names = 0;

beforeAll(async () => {
  [source, other, target] = [await openService(), await openService(), await openService()];
  relays = [await source.relay(), await other.relay()];
  await Promise.all(relays.map((relay) => relay.drained()));
  shared = await target.subscribing(source, other);
  registry = openProjectionRegistry(target.db, target.host);
  await commit(source, "lead_first", 1, 1);
  await commit(other, "lead_first", 1, 1);
  await drained();
});
afterAll(async () => {
  await registry.stop();
  await Promise.all(relays.map((relay) => relay.stop()));
  for (const service of [source, other, target]) await service.close();
});

const drained = async (): Promise<void> => {
  await Promise.all(relays.map((relay) => relay.drained()));
};

const amountEntry = (version: number, amount: number, changes: Partial<OutboxEntry> = {}): OutboxEntry =>
  entry(version, { data: new Binary(new TextEncoder().encode(String(amount))), ...changes });

const commit = async (
  service: TestService,
  id: string,
  version: number,
  amount: number,
  type = "Priced",
): Promise<void> => {
  const event = amountEntry(version, amount, { type });
  if (version === 1) await service.insert(id, [event]);
  else await service.commit(id, event);
  relays[service === source ? 0 : 1]?.wake(recordsCollection, id);
};

const define = (changes: Partial<ProjectionDefinition<Rows>> = {}): ProjectionDefinition<Rows> =>
  defineProjection<Rows>({
    name: `deals${names++}`,
    from: { [source.context]: "*", [other.context]: ["Priced", "Removed"] },
    tables: { deals: { indexes: [{ key: { tenant: 1, amount: -1 } }] }, big: {} },
    apply: async ({ recordId, context, tenant, version, type, data }, { deals, big }) => {
      const place = { id: `${context}/${recordId}`, tenant, version };
      const amount = Number(new TextDecoder().decode(data));
      if (type === "Removed") await Promise.all([deals.bury(place), big.bury(place)]);
      else {
        await deals.keep(place, { amount });
        await (amount > 50 ? big.keep(place, { amount }) : big.bury(place));
      }
    },
    ...changes,
  });

const start = (definition: ProjectionDefinition<Rows>, graceMs = 60_000): Promise<Projection<Rows>> =>
  startProjection(definition, { ...shared, registry, graceMs });

const contents = async (projection: Projection<Rows>) => {
  const { deals, big } = projection.tables();
  return { deals: await deals.find().sort({ _id: 1 }).toArray(), big: await big.find().sort({ _id: 1 }).toArray() };
};

const collectionsOf = async (name: string): Promise<readonly string[]> =>
  (await target.db.listCollections().toArray()).map((each) => each.name).filter((each) => each.startsWith(`${name}_`));

test("a new projection takes all events there are, then the live ones", async () => {
  const projection = await start(define());
  await commit(source, "lead_live", 1, 70);
  await commit(source, "lead_live", 2, 30);
  await drained();
  await projection.caughtUp();
  const { deals, big } = await contents(projection);
  const id = `${source.context}/lead_live`;
  expect(deals).toContainEqual({ _id: id, tenant: "t1", version: 2, amount: 30 });
  expect(big).toContainEqual({ _id: id, tenant: "t1", version: 2, deleted: true });
  expect(deals.map(({ _id }) => _id)).toContain(`${other.context}/lead_first`);
  await projection.stop();
});

test("events that come twice and in any order give the tables that they give in order", async () => {
  // Of a context of its own: these events are in no journal.
  const service = await openService();
  const { context, nats, host } = service;
  await ensureStream(await jetstreamManager(nats), context, host);
  const projection = await start(define({ from: { [context]: "*" } }));
  const messages: BusMessage[] = [];
  for (let record = 0; record < 20; record++)
    for (let version = 1; version <= 5; version++)
      messages.push(
        toBusMessage({
          id: uuidv7(),
          type: version === 5 && record % 4 === 0 ? "Removed" : "Priced",
          context,
          tenant: "t1",
          kind: "lead",
          recordId: `lead_shuffled${record}`,
          version,
          index: 0,
          count: 1,
          at: new Date(),
          actor: "user_1",
          data: new TextEncoder().encode(String((record * version * 17) % 100)),
        }),
      );
  const shuffle = fc.sample(fc.shuffledSubarray(messages, { minLength: messages.length }), { numRuns: 1 }).flat();
  for (const { subject, data, headers } of [...shuffle, ...shuffle.toReversed()]) {
    // Past the broker's window, an id does not keep a repeat off the stream.
    headers.delete("Nats-Msg-Id");
    await jetstream(nats).publish(subject, data, { headers });
  }
  await projection.caughtUp();
  const { deals } = await contents(projection);
  for (let record = 0; record < 20; record++) {
    const row = deals.find(({ _id }) => _id.endsWith(`/lead_shuffled${record}`));
    expect(row).toMatchObject(
      record % 4 === 0 ? { version: 5, deleted: true } : { version: 5, amount: (record * 85) % 100 },
    );
  }
  await projection.stop();
  await service.close();
});

test("asOf says up to when the tables are complete", async () => {
  const projection = await start(define());
  await projection.caughtUp();
  const before = target.host.now();
  await vi.waitFor(async () => expect((await projection.asOf())?.getTime()).toBeGreaterThanOrEqual(before.getTime()));
  await projection.stop();
});

test("a rebuild while events are written gives the same tables as the live one, and readers are switched to it", {
  timeout: 90_000,
}, async () => {
  const projection = await start(define());
  const written = { before: 0, beside: 0, after: 0 };
  let phase: keyof typeof written = "before";
  const write = async (service: TestService, writer: number): Promise<void> => {
    for (let record = 0; written.after < 100; record++) {
      const id = `lead_${writer}_${record}`;
      for (let version = 1; version <= 4; version++) {
        const type = version === 4 && record % 3 === 0 ? "Removed" : "Priced";
        await commit(service, id, version, (writer * 31 + record * 7 + version * 13) % 100, type);
        written[phase] += 1;
      }
      // The writers keep pace with the relays, or the consumers would only ever chase them.
      if (record % 10 === 9) await drained();
    }
  };
  const live = projection.tables();
  const writers = [0, 1, 2, 3].map((writer) => write(writer % 2 === 0 ? source : other, writer));
  await vi.waitFor(() => expect(written.before).toBeGreaterThan(300), { timeout: 20_000 });
  phase = "beside";
  await projection.rebuild();
  phase = "after";
  expect(projection.status().generation).toBe(2);
  expect(written.beside).toBeGreaterThan(0);
  await Promise.all(writers);
  await drained();
  await projection.caughtUp();

  // The former generation is consumed until its grace is over, so it is the live answer to compare with.
  const rebuilt = await contents(projection);
  const tablesOf = async (tables: typeof live) => ({
    deals: await tables.deals.find().sort({ _id: 1 }).toArray(),
    big: await tables.big.find().sort({ _id: 1 }).toArray(),
  });
  await vi.waitFor(async () => expect(await tablesOf(live)).toEqual(rebuilt), { timeout: 20_000 });
  expect(rebuilt.deals.length).toBeGreaterThan(100);
  expect(rebuilt.deals.some(({ deleted }) => deleted)).toBe(true);
  expect((await projection.tables().deals.indexes()).map(({ key }) => key)).toContainEqual({ tenant: 1, amount: -1 });
  await projection.stop();
});

test("a rebuild reads what the streams no longer hold from the journals", async () => {
  const definition = define();
  const projection = await start(definition);
  await projection.caughtUp();
  const expected = await contents(projection);
  const manager = await jetstreamManager(source.nats);
  await Promise.all([source, other].map(({ context }) => manager.streams.purge(streamName(context))));
  // A change outside the events is what a rebuild heals.
  await projection.tables().deals.deleteMany({});
  await projection.rebuild();
  expect(await contents(projection)).toEqual(expected);
  await projection.stop();
});

test("a raised revision rebuilds by itself, with the new rule", async () => {
  const definition = define();
  const before = await start(definition);
  await before.caughtUp();
  await before.stop();
  const doubled = define({
    name: definition.name,
    revision: 2,
    apply: async ({ recordId, context, tenant, version, data }, { deals }) =>
      deals.keep(
        { id: `${context}/${recordId}`, tenant, version },
        { amount: 2 * Number(new TextDecoder().decode(data)) },
      ),
  });
  const after = await start(doubled);
  await vi.waitFor(() => expect(after.status()).toMatchObject({ generation: 2, revision: 2 }), { timeout: 20_000 });
  expect(await after.tables().deals.findOne({ _id: `${source.context}/lead_first` })).toMatchObject({ amount: 2 });
  await after.stop();
});

describe("two replicas of a projection", () => {
  test("rebuild once, and both readers are switched", async () => {
    const definition = define();
    const replicas = [await start(definition), await start(definition)];
    await Promise.all(replicas.map((replica) => replica.rebuild()));
    await vi.waitFor(() => expect(replicas.map((replica) => replica.status().generation)).toEqual([2, 2]), {
      timeout: 10_000,
    });
    const [one, two] = await Promise.all(replicas.map(contents));
    expect(two).toEqual(one);
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  test("the second takes up a build that the first left, from where it was", { timeout: 60_000 }, async () => {
    const definition = define();
    for (let record = 0; record < 30; record++) await commit(source, `lead_left${names}_${record}`, 1, record);
    await drained();
    const reading = Promise.withResolvers<void>();
    let isAway = false;
    const stuck = await startProjection(definition, {
      ...shared,
      registry,
      readJournal: async function* (context, scan) {
        yield* shared.readJournal(context, scan);
        if (!isAway) return;
        reading.resolve();
        throw new Error("the journal's service went away");
      },
    });
    await stuck.caughtUp();
    const expected = await contents(stuck);
    isAway = true;
    const abandoned = expect(stuck.rebuild()).rejects.toThrow("stopped");
    await reading.promise;
    await stuck.stop();
    await abandoned;
    expect((await registry.read(definition.name))?.building).toMatchObject({ generation: 2 });

    const next = await start(definition);
    target.host.advance(20_000);
    await next.rebuild();
    expect(next.status().generation).toBe(2);
    expect(await contents(next)).toEqual(expected);
    await next.stop();
  });
});

test("a former generation goes when its grace is over: tables, consumers and dead letters", {
  timeout: 30_000,
}, async () => {
  const definition = define();
  const projection = await start(definition, 1_000);
  await projection.caughtUp();
  await projection.rebuild();
  expect(await collectionsOf(definition.name)).toEqual(expect.arrayContaining([`${definition.name}_deals_g1`]));
  target.host.advance(20_000);
  await vi.waitFor(
    async () => {
      const collections = await collectionsOf(definition.name);
      expect(collections.toSorted()).toEqual([`${definition.name}_big_g2`, `${definition.name}_deals_g2`]);
      expect((await registry.read(definition.name))?.retired).toEqual([]);
    },
    { timeout: 15_000 },
  );
  await projection.stop();
});

test("an event that cannot be applied is a dead letter of its generation; the others are in the tables", async () => {
  const definition = define({
    apply: async ({ recordId, context, tenant, version }, { deals }) => {
      if (recordId === "lead_unappliable") throw new Error("no");
      await deals.keep({ id: `${context}/${recordId}`, tenant, version }, { amount: 0 });
    },
  });
  await commit(source, "lead_unappliable", 1, 1);
  await commit(source, "lead_appliable", 1, 1);
  await drained();
  const projection = await startProjection(definition, { ...shared, registry, maxAttempts: 1 });
  await projection.caughtUp();
  expect(await projection.tables().deals.findOne({ _id: `${source.context}/lead_appliable` })).not.toBeNull();
  const { letters } = await shared.deadLetters.list({ subscription: `${target.context}_${definition.name}_g1` });
  expect(letters.map(({ event }) => event?.recordId)).toEqual(["lead_unappliable"]);
  await projection.stop();
});
