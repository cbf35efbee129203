import { once } from "node:events";
import { testEngines } from "@keynode/engines/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { relayLeaseMs } from "../src/outbox.ts";
import type { RelayStep } from "../src/relay.ts";
import { collected, entry, forked, openService, publishedIds, type TestService } from "./support.ts";

let service: TestService;

beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

/** Runs a relay in a child process until it kills itself before `step`. */
const relayKilledBefore = async (step: RelayStep, rounds: number): Promise<NodeJS.Signals | null> => {
  const { mongodbUri, natsUrl } = testEngines();
  const child = forked("./relay-process.ts", [mongodbUri, natsUrl, service.context, step, String(rounds)]);
  const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal;
};

test.each<[RelayStep, number]>([
  ["take", 0],
  ["journal", 0],
  ["publish", 0],
  ["clear", 0],
  ["clear", 1],
])(
  "a relay killed before its step %s, in round %i, loses nothing; its successor brings each event to journal and bus once",
  async (step, rounds) => {
    const records = Array.from({ length: 40 }, (_, at) => ({
      id: `lead_${step}_${rounds}_${at}`,
      events: Array.from({ length: 20 }, (_, version) => entry(version + 1)),
    }));
    for (const { id, events } of records) await service.insert(id, events);
    // Its lease is over: the child finds the records by its sweep.
    await service.records.updateMany({ relayAt: { $exists: true } }, { $set: { relayAt: new Date(0) } });
    expect(await relayKilledBefore(step, rounds)).toBe("SIGKILL");
    expect(await service.records.countDocuments({ "outbox.0": { $exists: true } })).toBeGreaterThan(0);

    service.host.advance(relayLeaseMs);
    const successor = await service.relay();
    await successor.drained();
    await successor.stop();

    const expected = records.flatMap(({ events }) => events.map(({ id }) => id));
    const mine = new Set(expected);
    const published = (await publishedIds(service)).filter((id) => mine.has(id));
    expect(published.toSorted()).toEqual(expected.toSorted());
    for (const { id, events } of records) {
      const history = await collected(service.journal.history("t1", id));
      expect(history.map(({ _id }) => _id)).toEqual(events.map((event) => event.id));
      expect(await service.outboxOf(id)).toEqual([]);
    }
  },
);
