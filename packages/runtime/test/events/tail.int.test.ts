import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { testEngines } from "@keynode/engines/testing";
import type { JournalRow } from "@keynode/messaging/entry";
import { type Journal, openJournal } from "@keynode/messaging/journal";
import { Binary } from "mongodb";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { cursorOf, type Place, placeOf } from "../../src/events/cursor.ts";
import { tailJournal, type Told } from "../../src/events/tail.ts";

const mongo = mongoClient(testEngines().mongodbUri);
const db = mongo.db(`test_tail_${randomUUID().replaceAll("-", "")}`);
const rows = db.collection<JournalRow>("journal");
let journal: Journal;

beforeAll(async () => {
  journal = await openJournal(db, { now: () => new Date() });
});
afterAll(async () => {
  await db.dropDatabase();
  await mongo.close();
});

const pace = { pollMs: 20, settleMs: 50, lookBackMs: 100, checkpointMs: 10_000 };

/** One tenant's journal, and readers of it that end with the test. */
const tenantJournal = () => {
  const tenant = randomUUID();
  const record = async (aggregate: string, version: number, changes: Partial<JournalRow> = {}): Promise<string> => {
    const row: JournalRow = {
      _id: randomUUID(),
      tenant,
      kind: "lead",
      aggregate,
      type: "LeadCaptured",
      version,
      index: 0,
      count: 1,
      at: new Date(),
      actor: "user_1",
      data: new Binary(),
      recordedAt: new Date(),
      ...changes,
    };
    await rows.insertOne(row);
    return row._id;
  };
  /** Follows from a place on; `until` waits for so many rows and answers all that were told. */
  const follow = (from: Place | Date) => {
    const stopping = new AbortController();
    const told: Told[] = [];
    let reached: Place | undefined;
    const running = (async () => {
      for await (const found of tailJournal(journal, {
        tenant,
        from,
        now: () => new Date(),
        signal: stopping.signal,
        pace,
      })) {
        told.push(...found.told);
        reached = found.place;
      }
    })();
    const stop = async (): Promise<Place> => {
      stopping.abort();
      await running;
      if (reached === undefined) throw new Error("it told no place");
      return reached;
    };
    onTestFinished(() => void stop());
    return {
      ids: () => told.map(({ row }) => row._id),
      told,
      stop,
      until: (count: number) => expect.poll(() => told.length, { timeout: 10_000 }).toBe(count),
    };
  };
  return { tenant, record, follow };
};

describe("a tail", () => {
  it("tells what is recorded from now on, of its tenant only, each row once and in order", async () => {
    const own = tenantJournal();
    await own.record("lead_1", 1);
    const tail = own.follow(new Date());
    await tenantJournal().record("lead_1", 2);
    const later = [await own.record("lead_1", 2), await own.record("lead_2", 1), await own.record("lead_1", 3)];
    await tail.until(3);
    await own.record("lead_3", 1);
    await tail.until(4);
    expect(tail.ids().slice(0, 3)).toEqual(later);
  });

  it("tells the rows of a record in the order of its versions, however their times lie", async () => {
    const own = tenantJournal();
    const from = new Date(Date.now() - 5_000);
    const at = (ms: number) => ({ recordedAt: new Date(from.getTime() + ms) });
    const third = await own.record("lead_1", 3, at(1_000));
    const second = await own.record("lead_1", 2, at(1_500));
    const other = await own.record("lead_2", 1, at(1_700));
    const first = await own.record("lead_1", 1, at(2_000));
    const tail = own.follow(from);
    await tail.until(4);
    expect(tail.ids()).toEqual([first, second, other, third]);
    // Until all are told, coming back begins before the first that is not.
    const again = own.follow(tail.told[2]?.place ?? from);
    await again.until(4);
    expect(again.ids()).toEqual([first, second, other, third]);
  });

  it("finds rows that come to stand behind its place", async () => {
    const own = tenantJournal();
    const tail = own.follow(new Date());
    await own.record("lead_1", 1);
    await tail.until(1);
    const late = await own.record("lead_2", 1, { recordedAt: new Date(Date.now() - 20_000) });
    await tail.until(2);
    expect(tail.ids()[1]).toBe(late);
  });

  it("tells a row that is stamped again no second time", async () => {
    const own = tenantJournal();
    const tail = own.follow(new Date());
    const stamped = await own.record("lead_1", 1);
    await tail.until(1);
    await journal.restamp([stamped]);
    const next = await own.record("lead_1", 2);
    await tail.until(2);
    expect(tail.ids()).toEqual([stamped, next]);
  });
});

describe("coming back with a cursor", () => {
  it("goes on behind it, and tells nothing twice", async () => {
    const own = tenantJournal();
    const tail = own.follow(new Date(Date.now() - 1_000));
    const ids = [await own.record("lead_1", 1), await own.record("lead_1", 2), await own.record("lead_2", 1)];
    await tail.until(3);
    await tail.stop();
    const again = own.follow(tail.told[1]?.place ?? new Date());
    await again.until(1);
    expect(again.ids()).toEqual(ids.slice(2));
    const missed = await own.record("lead_2", 2);
    await again.until(2);
    expect(again.ids()[1]).toBe(missed);
  });

  it("misses nothing that came to stand behind it meanwhile: the last minute is told again", async () => {
    const own = tenantJournal();
    const tail = own.follow(new Date(Date.now() - 1_000));
    const known = await own.record("lead_1", 1);
    await tail.until(1);
    const place = await tail.stop();
    const late = await own.record("lead_2", 1, { recordedAt: new Date(place.recordedAt.getTime() - 10_000) });
    const again = own.follow(place);
    await again.until(2);
    expect(new Set(again.ids())).toEqual(new Set([known, late]));
  });
});

describe("a cursor", () => {
  it.each([
    { recordedAt: new Date("2026-01-31T08:30:00.123Z"), id: randomUUID(), known: 7 },
    { recordedAt: new Date(0), id: "", known: 0 },
  ])("names a place: $id", (place) => {
    expect(placeOf(cursorOf(place))).toEqual(place);
  });

  it.each(["", "x", "0".repeat(33), `${"0".repeat(33)}!`])("is not %j", (text) => {
    expect(placeOf(text)).toBeUndefined();
  });
});
