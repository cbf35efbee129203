import { setTimeout as later } from "node:timers/promises";
import { ReadJournalRequest, ReadJournalResponse } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { reject } from "@keynode/decider/domain-error";
import { expect, test } from "vitest";
import { collect, refusal, serve } from "./fixture.ts";

const everything = ReadJournalRequest.fromPartial({});
const row = (version: number, data: Buffer = Buffer.alloc(0)) => ReadJournalResponse.fromPartial({ version, data });

test("a stream's rows arrive in order and end", async () => {
  const { as } = await serve({
    async *readJournal() {
      for (let version = 1; version <= 1_000; version += 1) yield row(version);
    },
  });
  const rows = await collect(as("analytics").journal.readJournal(everything));
  expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
});

test("a stream runs no further ahead than its reader and the buffers between", async () => {
  let made = 0;
  const { as } = await serve({
    async *readJournal() {
      for (; made < 1_000; made += 1) yield row(made, Buffer.alloc(100_000));
    },
  });
  for await (const { version } of as("analytics").journal.readJournal(everything)) {
    if (version < 10) continue;
    let before = -1;
    const atRest = () => {
      const same = made === before;
      before = made;
      return same;
    };
    await expect.poll(atRest).toBe(true);
    break;
  }
  expect(made).toBeLessThan(200);
});

test("a reader that leaves its loop aborts the handler", async () => {
  const ended = Promise.withResolvers<void>();
  const { as, lines } = await serve({
    async *readJournal(_, call) {
      try {
        yield row(1);
        await later(60_000, undefined, { signal: call.signal });
      } finally {
        ended.resolve();
      }
    },
  });
  for await (const _ of as("analytics").journal.readJournal(everything)) break;
  await ended.promise;
  expect(lines).toEqual([]);
});

test("a refusal yielded ends the stream after the rows before it", async () => {
  const { as } = await serve({
    async *readJournal() {
      yield row(1);
      yield reject("NOT_FOUND", { id: "event_1" });
    },
  });
  const versions: number[] = [];
  const read = async () => {
    for await (const { version } of as("analytics").journal.readJournal(everything)) versions.push(version);
  };
  expect(await refusal(read())).toMatchObject({ code: "NOT_FOUND", details: { reason: "NOT_FOUND" } });
  expect(versions).toEqual([1]);
});

test("a fault in a stream is told to nobody and logged once", async () => {
  const { as, lines } = await serve({
    async *readJournal() {
      yield row(1);
      throw new Error("the password is swordfish");
    },
  });
  const error = await refusal(collect(as("analytics").journal.readJournal(everything)));
  expect(error).toMatchObject({ code: "INTERNAL", details: { reason: undefined } });
  expect(String(error)).not.toContain("swordfish");
  expect(lines).toMatchObject([{ msg: "call failed", err: { message: "the password is swordfish" } }]);
});

test("a stream past its client's deadline ends with it", async () => {
  const { as } = await serve({
    async *readJournal(_, call) {
      yield row(1);
      await later(60_000, undefined, { signal: call.signal });
    },
  });
  const rows = as("analytics").journal.readJournal(everything, { deadline: new Date(Date.now() + 100) });
  expect(await refusal(collect(rows))).toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test("one stream more than the server keeps open is refused", async () => {
  const { as } = await serve({
    limits: { maxConcurrentStreams: 1 },
    async *readJournal(_, call) {
      yield row(1);
      await later(60_000, undefined, { signal: call.signal });
    },
  });
  const { journal } = as("analytics");
  for await (const _ of journal.readJournal(everything)) {
    expect(await refusal(collect(journal.readJournal(everything)))).toMatchObject({
      code: "UNAVAILABLE",
      details: { reason: "OVERLOADED" },
    });
    break;
  }
});
