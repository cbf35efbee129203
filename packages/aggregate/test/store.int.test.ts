import { randomUUID } from "node:crypto";
import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { Committed, Store } from "@keynode/aggregate/store";
import { openStore } from "@keynode/aggregate/store";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { JournalRow } from "@keynode/messaging/entry";
import { type Journal, openJournal } from "@keynode/messaging/journal";
import { testDatabase } from "@keynode/aggregate/testing";
import { type Db, MongoNetworkError } from "mongodb";
import { beforeAll, describe, expect, it } from "vitest";
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

type CounterStore = Store<Counter, CounterCommand, CounterEvent, CounterContext>;

const tenant = `tenant_${randomUUID()}`;
const now = () => new Date();
let db: Db;
let journal: Journal;
let store: CounterStore;

beforeAll(async () => {
  db = await testDatabase("aggregate");
  journal = await openJournal(db, { now });
  store = openStore(counter, { db, journal, now, relay: { wake: () => undefined } });
  await store.prepare();
});

const committed = <State>(outcome: Committed<State> | DomainError): Committed<State> => {
  if (isDomainError(outcome)) throw new Error(`refused: ${outcome.reason}`);
  return outcome;
};
const reason = (outcome: unknown) => (isDomainError(outcome) ? outcome.reason : "accepted");
const label = () => `label ${randomUUID()}`;
const open = async (limit = 1_000) =>
  committed(await store.create({ type: "Open", label: label(), limit }, scope(tenant), context)).state.id;
const add = (id: string, amount: number, by = scope(tenant)) => store.execute(id, { type: "Add", amount }, by, context);
const stored = async (id: string) => {
  const document = await store.collection.findOne({ _id: id });
  if (document === null) throw new Error(`no document ${id}`);
  return document;
};
/** What the relay does, without the bus: the outbox moves to the journal. */
const relayed = async (id: string) => {
  const document = await stored(id);
  const rows = document.outbox.map(
    ({ id: _id, ...entry }): Omit<JournalRow, "recordedAt"> => ({
      ...entry,
      _id,
      tenant,
      kind: "counter",
      aggregate: id,
    }),
  );
  await journal.append(rows);
  await store.collection.updateOne({ _id: id }, { $set: { outbox: [] }, $unset: { relayAt: "" } });
};

describe("a command", () => {
  it("is one write: state, version, events and the relay's date together", async () => {
    const id = await open();
    committed(await add(id, 2));
    const document = await stored(id);
    expect(document).toMatchObject({ tenant, version: 2, state: { count: 2 } });
    expect(document.relayAt).toBeInstanceOf(Date);
    expect(document.outbox.map(({ type, version, index, count }) => [type, version, index, count])).toEqual([
      ["Opened", 1, 0, 1],
      ["Added", 2, 0, 2],
      ["Added", 2, 1, 2],
    ]);
    const snapshots = document.outbox.map((entry) => JSON.parse(entry.data.toString()).snapshot?.count);
    expect(snapshots).toEqual([0, undefined, 2]);
  });
  it("that has already happened writes nothing", async () => {
    const id = await open();
    expect(committed(await add(id, 0)).version).toBe(1);
    expect((await stored(id)).outbox).toHaveLength(1);
  });
  it("that is refused writes nothing", async () => {
    const id = await open(3);
    expect(reason(await add(id, 4))).toBe("LIMIT_REACHED");
    expect(await stored(id)).toMatchObject({ version: 1, state: { count: 0 } });
  });
  it("keeps the times of the record", async () => {
    const id = await open();
    const first = await stored(id);
    const after = committed(await add(id, 1)).state;
    expect(after.createTime).toEqual(first.state.createTime);
    expect(after.updateTime?.getTime()).toBeGreaterThanOrEqual(first.state.updateTime?.getTime() ?? Number.NaN);
  });
  it("leaves no state beyond 128 KiB", async () => {
    const id = await open();
    const pad = (text: string) => store.execute(id, { type: "Pad", text }, scope(tenant), context);
    expect(reason(await pad("x".repeat(60 * 1024)))).toBe("accepted");
    expect(reason(await pad("x".repeat(140 * 1024)))).toBe("STATE_TOO_LARGE");
    expect((await stored(id)).version).toBe(2);
  });
  it("does not wait behind those of another tenant on the same id", async () => {
    const id = await open();
    const stranger = scope(`tenant_${randomUUID()}`);
    const crowd = Array.from({ length: 300 }, () => add(id, 1, stranger));
    const own = add(id, 1);
    expect(reason(await own)).toBe("accepted");
    expect(new Set((await Promise.all(crowd)).map(reason))).toEqual(new Set(["NOT_FOUND", "OUTBOX_FULL"]));
    expect((await stored(id)).state.count).toBe(1);
  });
  it("is pushed back while 64 events wait in the outbox", async () => {
    const id = await open();
    committed(await add(id, 63));
    expect(reason(await add(id, 1))).toBe("OUTBOX_FULL");
    await relayed(id);
    expect(reason(await add(id, 1))).toBe("accepted");
  });
});

describe("commands on one record at the same time", () => {
  it("all happen, each on the state that the one before left", async () => {
    const id = await open();
    const other = openStore(counter, { db, journal, now, relay: { wake: () => undefined } });
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, turn) =>
        (turn % 2 === 0 ? store : other).execute(id, { type: "Add", amount: 1 }, scope(tenant), context),
      ),
    );
    expect(outcomes.map((outcome) => committed(outcome).version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 2),
    );
    expect(await stored(id)).toMatchObject({ version: 31, state: { count: 30 } });
  });
  it("never pass a limit together", async () => {
    const id = await open(5);
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => add(id, 1)));
    expect(outcomes.filter((outcome) => !isDomainError(outcome))).toHaveLength(5);
    expect((await stored(id)).state.count).toBe(5);
  });
  it("are refused at once when the client named a version that has passed", async () => {
    const id = await open();
    committed(await add(id, 1, scope(tenant, { expectedVersion: 1 })));
    expect(reason(await add(id, 1, scope(tenant, { expectedVersion: 1 })))).toBe("ETAG_MISMATCH");
  });
});

describe("a repeated command", () => {
  it("gets the first answer, also after others changed the record", async () => {
    const id = await open();
    const key = randomUUID();
    const first = committed(await add(id, 1, keyed(tenant, key)));
    committed(await add(id, 5));
    const again = committed(await add(id, 1, keyed(tenant, key)));
    expect([again.version, again.state.count]).toEqual([first.version, first.state.count]);
    expect((await stored(id)).state.count).toBe(6);
  });
  it("is still known when its event has left the document", async () => {
    const id = await open();
    const key = randomUUID();
    committed(await add(id, 1, keyed(tenant, key)));
    await relayed(id);
    expect(committed(await add(id, 1, keyed(tenant, key))).version).toBe(2);
    expect((await stored(id)).state.count).toBe(1);
  });
  it("is done once when it is sent many times at once", async () => {
    const id = await open();
    const key = randomUUID();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => add(id, 1, keyed(tenant, key))));
    expect(new Set(outcomes.map((outcome) => committed(outcome).version))).toEqual(new Set([2]));
    expect((await stored(id)).state.count).toBe(1);
  });
  it("is refused under the same key with another request", async () => {
    const id = await open();
    const key = randomUUID();
    committed(await add(id, 1, keyed(tenant, key, "one")));
    expect(reason(await add(id, 2, keyed(tenant, key, "two")))).toBe("KEY_REUSED");
  });
  it("is another command for another caller", async () => {
    const id = await open();
    const key = randomUUID();
    committed(await add(id, 1, keyed(tenant, key)));
    const other = keyed(tenant, key);
    committed(await add(id, 1, { ...other, idempotency: { ...other.idempotency!, caller: "user_zhao" } }));
    expect((await stored(id)).state.count).toBe(2);
  });
});

describe("a keyed create", () => {
  const create = (key: string, requestHash = "hash") =>
    store.create({ type: "Open", label: `keyed ${key}`, limit: 1 }, keyed(tenant, key, requestHash), context);
  it("makes one record however often it is sent", async () => {
    const key = randomUUID();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => create(key)));
    expect(new Set(outcomes.map((outcome) => committed(outcome).state.id)).size).toBe(1);
  });
  it("is refused with another request under its key", async () => {
    const key = randomUUID();
    committed(await create(key));
    expect(reason(await create(key, "other"))).toBe("KEY_REUSED");
  });
  it("is refused once its record is deleted", async () => {
    const key = randomUUID();
    const { id } = committed(await create(key)).state;
    committed(await store.execute(id, { type: "Remove" }, scope(tenant), context));
    expect(reason(await create(key))).toBe("ALREADY_EXISTS");
  });
});

describe("a command that names a record which its caller may not see", () => {
  const refuseNamed = async () => reject("ACCOUNT_NOT_FOUND");
  const create = (key: string, more: Partial<CommandScope> = {}) =>
    store.create({ type: "Open", label: `named ${key}`, limit: 1 }, keyed(tenant, key, "hash", more), context);

  it("is refused before anything is decided, and changes nothing", async () => {
    const id = await open();
    expect(reason(await add(id, -1, scope(tenant, { refuseNamed })))).toBe("ACCOUNT_NOT_FOUND");
    expect((await stored(id)).version).toBe(1);
    const key = randomUUID();
    expect(reason(await create(key, { refuseNamed }))).toBe("ACCOUNT_NOT_FOUND");
    expect(committed(await create(key)).version).toBe(1);
  });

  it("is judged by what the record named before", async () => {
    const id = await open();
    const seen: unknown[] = [];
    const remember = async (before: unknown): Promise<undefined> => void seen.push(before);
    committed(await add(id, 1, scope(tenant, { refuseNamed: remember })));
    expect(seen).toMatchObject([{ id }]);
  });

  it("gets the first answer when it is a repeat, whoever may see the record by now", async () => {
    const key = randomUUID();
    const first = committed(await create(key));
    expect(committed(await create(key, { refuseNamed }))).toMatchObject({ state: { id: first.state.id }, version: 1 });
    const by = (more: Partial<CommandScope> = {}) => keyed(tenant, `${key} 2`, "hash", more);
    const second = committed(await add(first.state.id, 1, by()));
    const repeat = committed(await add(first.state.id, 1, by({ refuseNamed })));
    expect([repeat.version, repeat.state.count]).toEqual([second.version, second.state.count]);
  });
});

describe("a unique field", () => {
  it("is one record's, told by its reason", async () => {
    const taken = label();
    const first = committed(await store.create({ type: "Open", label: taken, limit: 1 }, scope(tenant), context));
    const second = () => store.create({ type: "Open", label: taken.toUpperCase(), limit: 1 }, scope(tenant), context);
    expect(reason(await second())).toBe("LABEL_TAKEN");
    committed(await store.execute(first.state.id, { type: "Remove" }, scope(tenant), context));
    expect(reason(await second())).toBe("accepted");
  });
  it("may be had by another tenant too", async () => {
    const shared = label();
    committed(await store.create({ type: "Open", label: shared, limit: 1 }, scope(tenant), context));
    committed(await store.create({ type: "Open", label: shared, limit: 1 }, scope("tenant_other"), context));
  });
});

describe("a record out of reach", () => {
  it("is not found by another tenant", async () => {
    const id = await open();
    expect(reason(await add(id, 1, scope("tenant_other")))).toBe("NOT_FOUND");
    expect(await store.get("tenant_other", id, { kind: "all" })).toBeUndefined();
  });
  it("is not found by someone who may not see it", async () => {
    const id = await open();
    const zhao = { kind: "own", ownerId: "user_zhao" } as const;
    expect(reason(await add(id, 1, scope(tenant, { visibility: zhao })))).toBe("NOT_FOUND");
    expect(await store.get(tenant, id, zhao)).toBeUndefined();
    expect(await store.get(tenant, id, { kind: "team", ownerId: "user_li", teamIds: [] })).toBeDefined();
  });
  it("is refused as deleted, except to what a deleted record takes", async () => {
    const id = await open();
    committed(await store.execute(id, { type: "Remove" }, scope(tenant), context));
    expect(reason(await add(id, 1))).toBe("RECORD_DELETED");
    expect(committed(await store.execute(id, { type: "Remove" }, scope(tenant), context)).version).toBe(2);
  });
});

/** A store whose engine is meddled with: `interfere` stands between it and one write. */
const storeWith = (
  interfere: (write: () => Promise<unknown>, operations: unknown[]) => Promise<unknown>,
): CounterStore => {
  const collection = (name: string) =>
    new Proxy(db.collection(name), {
      get: (target, property) => {
        const value = Reflect.get(target, property, target);
        if (typeof value !== "function") return value;
        const call = (...parameters: unknown[]) => value.apply(target, parameters);
        if (property === "updateMany")
          return (filter: { _id: { $in: unknown[] } }, ...rest: unknown[]) =>
            interfere(() => call(filter, ...rest), filter._id.$in);
        if (property !== "bulkWrite" && property !== "insertMany") return call;
        return (operations: unknown[], ...rest: unknown[]) => interfere(() => call(operations, ...rest), operations);
      },
    });
  const meddled = new Proxy(db, {
    get: (target, property) => (property === "collection" ? collection : Reflect.get(target, property, target)),
  });
  return openStore(counter, { db: meddled, journal, now, relay: { wake: () => undefined } });
};

describe("a reply lost on the network", () => {
  /** The next write happens and then loses its answer. */
  const forgetful = (): CounterStore => {
    let lost = false;
    return storeWith(async (write) => {
      const result = await write();
      if (lost) return result;
      lost = true;
      throw new MongoNetworkError("connection reset");
    });
  };
  it("does a command once, without a key of the client's", async () => {
    const id = await open();
    expect(committed(await forgetful().execute(id, { type: "Add", amount: 1 }, scope(tenant), context)).version).toBe(
      2,
    );
    expect((await stored(id)).state.count).toBe(1);
  });
  it("makes a record once", async () => {
    const made = committed(
      await forgetful().create({ type: "Open", label: label(), limit: 1 }, scope(tenant), context),
    );
    expect(await stored(made.state.id)).toMatchObject({ version: 1 });
  });
  it("of a whole group does each of its commands once", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => open()));
    const store = forgetful();
    const outcomes = await Promise.all(
      ids.map((id) => store.execute(id, { type: "Add", amount: 1 }, scope(tenant), context)),
    );
    expect(outcomes.map((outcome) => committed(outcome).version)).toEqual(ids.map(() => 2));
    for (const id of ids) expect((await stored(id)).state.count).toBe(1);
  });
});

describe("commands on many records at the same time", () => {
  const addTo = (to: CounterStore, ids: readonly string[], by = scope(tenant)) =>
    Promise.all(ids.map((id) => to.execute(id, { type: "Add", amount: 1 }, by, context)));
  const opened = (count: number) => Promise.all(Array.from({ length: count }, () => open()));

  it("go to the engine in few writes", async () => {
    const ids = await opened(20);
    let writes = 0;
    const counting = storeWith((write) => {
      writes += 1;
      return write();
    });
    for (const outcome of await addTo(counting, ids)) committed(outcome);
    expect(writes).toBeLessThan(5);
  });
  it("each learn their own outcome: who lost a race goes again, on the state that the winner left", async () => {
    const ids = await opened(8);
    const overtaken = new Set(ids.filter((_, index) => index % 3 === 0));
    let raced = false;
    const racing = storeWith(async (write) => {
      if (!raced) {
        raced = true;
        for (const id of overtaken) committed(await add(id, 2));
      }
      return write();
    });
    const outcomes = await addTo(racing, ids);
    expect(outcomes.map((outcome) => committed(outcome).version)).toEqual(ids.map((id) => (overtaken.has(id) ? 3 : 2)));
    for (const id of ids) expect((await stored(id)).state.count).toBe(overtaken.has(id) ? 3 : 1);
  });
  it("learn that they happened although the relay has taken their events away since", async () => {
    const ids = await opened(4);
    let raced = false;
    const racing = storeWith(async (write) => {
      if (raced) return write();
      raced = true;
      committed(await add(ids[0] ?? "", 2));
      const result = await write();
      for (const id of ids) await relayed(id);
      return result;
    });
    const outcomes = await addTo(racing, ids);
    expect(outcomes.map((outcome) => committed(outcome).version)).toEqual([3, 2, 2, 2]);
    for (const id of ids.slice(1)) expect((await stored(id)).state.count).toBe(1);
  });
  it("of which one is refused by a unique index leave the others alone", async () => {
    const taken = label();
    const outcomes = await Promise.all(
      [label(), taken, label(), taken, label()].map((each) =>
        store.create({ type: "Open", label: each, limit: 1 }, scope(tenant), context),
      ),
    );
    expect(
      new Map(
        Map.groupBy(outcomes.map(reason), String)
          .entries()
          .map(([said, those]) => [said, those.length]),
      ),
    ).toEqual(
      new Map([
        ["accepted", 4],
        ["LABEL_TAKEN", 1],
      ]),
    );
  });
  it("of which one takes a value of another record's change the others", async () => {
    const taken = label();
    committed(await store.create({ type: "Open", label: taken, limit: 1 }, scope(tenant), context));
    const ids = await opened(5);
    const labels = ids.map((_, index) => (index === 2 ? taken : label()));
    const outcomes = await Promise.all(
      ids.map((id, index) => store.execute(id, { type: "Pad", text: labels[index] ?? "" }, scope(tenant), context)),
    );
    expect(outcomes.map(reason)).toEqual(ids.map((_, index) => (index === 2 ? "LABEL_TAKEN" : "accepted")));
    const found = await Promise.all(ids.map(stored));
    expect(found.map(({ state, version }) => [state.label === taken, version])).toEqual(
      ids.map((_, index) => [false, index === 2 ? 1 : 2]),
    );
  });
  it("in two replicas each happen once, whoever comes first", async () => {
    const ids = await opened(12);
    const [one, other] = [storeWith((write) => write()), storeWith((write) => write())];
    const rounds = 6;
    for (let round = 0; round < rounds; round += 1)
      for (const outcome of (await Promise.all([addTo(one, ids), addTo(other, ids.toReversed())])).flat())
        committed(outcome);
    for (const document of await Promise.all(ids.map(stored))) {
      expect(document).toMatchObject({ version: 1 + 2 * rounds, state: { count: 2 * rounds } });
      const added = document.outbox.filter(({ type }) => type === "Added");
      expect(added.map(({ version }) => version)).toEqual(added.map((_, index) => index + 2));
      expect(added).toHaveLength(2 * rounds);
    }
  });
  it("set, keep and take away the timer of each", async () => {
    const waking = openStore(
      { ...counter, wakeAt: ({ count }: Counter) => (count % 2 === 1 ? new Date(count) : undefined) },
      { db, journal, now, relay: { wake: () => undefined } },
    );
    const ids = await opened(6);
    const due = async () => (await Promise.all(ids.map(stored))).map(({ wakeAt }) => wakeAt);
    await Promise.all(
      ids.map((id, index) => waking.execute(id, { type: "Add", amount: 1 + (index % 2) }, scope(tenant), context)),
    );
    expect(await due()).toEqual(ids.map((_, index) => (index % 2 === 0 ? new Date(1) : undefined)));
    await addTo(waking, ids);
    expect(await due()).toEqual(ids.map((_, index) => (index % 2 === 0 ? undefined : new Date(3))));
  });
  it("that the engine refuses together go again one by one", async () => {
    const ids = await opened(5);
    const choking = storeWith((write, operations) =>
      operations.length > 1 ? Promise.reject(new Error("cannot take so many")) : write(),
    );
    for (const outcome of await addTo(choking, ids)) committed(outcome);
    for (const id of ids) expect((await stored(id)).state.count).toBe(1);
  });
  it("stay apart by tenant", async () => {
    const other = `tenant_${randomUUID()}`;
    const [mine = ""] = await opened(1);
    const theirs = committed(await store.create({ type: "Open", label: label(), limit: 9 }, scope(other), context))
      .state.id;
    const seen = await Promise.all(
      [tenant, other].flatMap((who) => [mine, theirs].map((id) => store.get(who, id, { kind: "all" }))),
    );
    expect(seen.map((found) => found?.state.id)).toEqual([mine, undefined, undefined, theirs]);
  });
});

it("two commits never take the same version of one record", async () => {
  const id = await open();
  await Promise.all(Array.from({ length: 20 }, () => add(id, 1)));
  const versions = (await stored(id)).outbox.map((entry) => entry.version);
  expect(new Set(versions).size).toBe(versions.length);
});
