import type { Collection } from "mongodb";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { AggregateDocument } from "../src/entry.ts";
import { startTimers, type TimerOptions } from "../src/timers.ts";
import { openService, type TestService } from "./support.ts";

type State = { readonly fired: number; readonly next?: Date };

let service: TestService;
let names = 0;

beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

const newCollection = (): Collection<AggregateDocument<State>> => service.db.collection(`timed${names++}`);

const record = (id: string, wakeAt: Date): AggregateDocument<State> => ({
  _id: id,
  tenant: "t1",
  version: 1,
  state: { fired: 0 },
  outbox: [],
  wakeAt,
});

const past = (ms: number): Date => new Date(service.host.now().getTime() - ms);

/** What a command on the timer commits: one more effect, and no timer any more, if the version is still the one seen. */
const fireOnce =
  (collection: Collection<AggregateDocument<State>>): TimerOptions<AggregateDocument<State>>["fire"] =>
  async ({ _id, tenant, version, state }) => {
    await collection.updateOne(
      { _id, tenant, version },
      { $set: { state: { fired: state.fired + 1 }, version: version + 1 }, $unset: { wakeAt: "" } },
    );
  };

const firedOf = async (collection: Collection<AggregateDocument<State>>): Promise<ReadonlyMap<string, number>> =>
  new Map((await collection.find().toArray()).map(({ _id, state }) => [_id, state.fired]));

test("each overdue timer fires once with two workers, and none before it is due", async () => {
  const collection = newCollection();
  const ids = Array.from({ length: 500 }, (_, at) => `timed_${at}`);
  await collection.insertMany(ids.map((id, at) => record(id, past(1 + at))));
  await collection.insertOne(record("timed_later", new Date(service.host.now().getTime() + 3_600_000)));
  const fire = vi.fn(fireOnce(collection));
  const workers = await Promise.all(
    [1, 2].map(() => startTimers({ collection, fire, host: service.host, pollMs: 20 })),
  );
  await Promise.all(workers.map((worker) => worker.idle()));
  await Promise.all(workers.map((worker) => worker.stop()));
  expect(await firedOf(collection)).toEqual(new Map([...ids.map((id) => [id, 1] as const), ["timed_later", 0]]));
  expect(fire).toHaveBeenCalledTimes(500);
  expect(workers.map((worker) => worker.stats().fired).reduce((a, b) => a + b)).toBe(500);
  expect(await collection.countDocuments({ wakeAt: { $exists: true } })).toBe(1);
});

test("a timer whose worker died fires when the lease ends", async () => {
  const collection = newCollection();
  await collection.insertOne(record("timed_died", past(1)));
  const claimed = Promise.withResolvers<void>();
  const died = await startTimers({
    collection,
    host: service.host,
    pollMs: 20,
    leaseMs: 60_000,
    fire: async () => {
      claimed.resolve();
      throw new Error("died");
    },
  });
  await claimed.promise;
  await died.stop();
  const next = await startTimers({ collection, fire: fireOnce(collection), host: service.host, pollMs: 20 });
  await next.idle();
  expect((await firedOf(collection)).get("timed_died")).toBe(0);
  service.host.advance(60_001);
  await vi.waitFor(async () => expect((await firedOf(collection)).get("timed_died")).toBe(1), { timeout: 10_000 });
  await next.stop();
});

test("a timer that has nothing left to do is put to rest", async () => {
  const collection = newCollection();
  await collection.insertOne(record("timed_rest", past(1)));
  const fire = vi.fn(async () => undefined);
  const timers = await startTimers({ collection, fire, host: service.host, pollMs: 20 });
  await vi.waitFor(async () => expect((await collection.findOne())?.wakeAt).toBeUndefined(), { timeout: 10_000 });
  await timers.stop();
  expect(fire).toHaveBeenCalledTimes(1);
});

test("a timer that fires sets the next one, and a past one is taken at once", async () => {
  const collection = newCollection();
  await collection.insertOne(record("timed_chain", past(5)));
  const timers = await startTimers<AggregateDocument<State>>({
    collection,
    host: service.host,
    pollMs: 20,
    fire: async ({ _id, tenant, version, state, wakeAt }) => {
      const next = state.fired < 4 ? { wakeAt: new Date(wakeAt.getTime() + 1) } : undefined;
      await collection.updateOne(
        { _id, tenant, version },
        {
          $set: { state: { fired: state.fired + 1 }, version: version + 1, ...next },
          ...(!next && { $unset: { wakeAt: "" } }),
        },
      );
    },
  });
  await vi.waitFor(async () => expect((await firedOf(collection)).get("timed_chain")).toBe(5), { timeout: 10_000 });
  await timers.stop();
});

test("the sweep reads its partial index, without a sort of everything", async () => {
  const collection = newCollection();
  const timers = await startTimers({ collection, fire: fireOnce(collection), host: service.host });
  await timers.stop();
  await collection.insertOne(record("timed_plan", past(1)));
  const plan: unknown = await collection
    .find({ wakeAt: { $exists: true, $lte: new Date() } })
    .sort({ wakeAt: 1 })
    .explain();
  expect(JSON.stringify(plan)).toMatch(/wakeAt/);
  expect(JSON.stringify(plan)).not.toMatch(/Seq Scan|COLLSCAN/);
});
