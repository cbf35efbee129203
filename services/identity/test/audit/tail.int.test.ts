import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { followLog } from "../../src/audit/tail.ts";
import type { StoredEntry } from "../../src/audit/entry.ts";
import { entryOf, logOf, openTrail } from "./support.ts";

let trail: Awaited<ReturnType<typeof openTrail>>;
beforeAll(async () => {
  trail = await openTrail();
});

const { signal } = new AbortController();
const secondMs = 1_000;

/** A tenant's own log and who follows it; a new follower is a replica that starts where the last one was left. */
const following = (rows: StoredEntry[]) => {
  const service = randomUUID();
  const saved = new Map<string, never>();
  const sources = {
    places: async () => saved.get(service) ?? { frontier: beginning, settled: beginning },
    save: async (_service: string, _log: string, places: unknown) => void saved.set(service, places as never),
  };
  const follow = (entries: Parameters<typeof followLog>[0]["entries"] = trail.entries) =>
    followLog({ service, entries, sources, host: trail.host }, logOf(rows));
  return { follow };
};
const beginning = { recordedAt: new Date(0), id: "" };
const ago = (seconds: number) => new Date(trail.clock.at.getTime() - seconds * secondMs);
const idsOf = async (tenant: string) => (await trail.of(tenant)).map(({ _id }) => _id).toSorted();
const ids = (rows: readonly StoredEntry[]) => rows.map(({ _id }) => _id).toSorted();

it("a log is read from its beginning, then from where it was left", async () => {
  const tenant = randomUUID();
  const rows = Array.from({ length: 1_200 }, (_, index) => entryOf(tenant, ago(90_000 - index)));
  const { follow } = following(rows);
  expect(await follow().advance(signal)).toBe(1_200);
  expect(await idsOf(tenant)).toEqual(ids(rows));
  rows.push(entryOf(tenant, ago(5)));
  const later = follow();
  expect(await later.advance(signal)).toBe(1);
  expect(await later.advance(signal)).toBe(0);
  expect(await idsOf(tenant)).toEqual(ids(rows));
});

it("a replica killed between what it stored and what it noted leaves nothing twice and nothing out", async () => {
  const tenant = randomUUID();
  const rows = Array.from({ length: 700 }, (_, index) => entryOf(tenant, ago(90_000 - index)));
  const { follow } = following(rows);
  let writes = 0;
  const killed = {
    ...trail.entries,
    add: async (added: readonly StoredEntry[]) => {
      await trail.entries.add(added);
      writes += 1;
      if (writes === 2) throw new Error("killed");
    },
  };
  await expect(follow(killed).advance(signal)).rejects.toThrow("killed");
  expect(await follow().advance(signal)).toBe(200);
  expect(await idsOf(tenant)).toEqual(ids(rows));
});

it("a row that turns up behind later ones is found once none can any more", async () => {
  const tenant = randomUUID();
  const rows = [entryOf(tenant, ago(30)), entryOf(tenant, ago(10))];
  const { follow } = following(rows);
  const follower = follow();
  await follower.advance(signal);
  const late = entryOf(tenant, ago(20));
  rows.push(late);
  expect(await follower.advance(signal)).toBe(0);
  await follower.settle(signal);
  expect(await idsOf(tenant)).not.toContain(late._id);
  trail.clock.at = new Date(trail.clock.at.getTime() + 90 * secondMs);
  await follower.settle(signal);
  expect(await idsOf(tenant)).toEqual(ids(rows));
});

it("a late row is found also by a replica that took over meanwhile", async () => {
  const tenant = randomUUID();
  const rows = [entryOf(tenant, ago(30)), entryOf(tenant, ago(10))];
  const { follow } = following(rows);
  await follow().advance(signal);
  rows.push(entryOf(tenant, ago(20)));
  trail.clock.at = new Date(trail.clock.at.getTime() + 90 * secondMs);
  const successor = follow();
  await successor.advance(signal);
  await successor.settle(signal);
  expect(await idsOf(tenant)).toEqual(ids(rows));
});

it("a service whose clock is ahead hides no row of another whose clock is right", async () => {
  const tenant = randomUUID();
  const rows = [entryOf(tenant, ago(-600))];
  const { follow } = following(rows);
  const follower = follow();
  await follower.advance(signal);
  for (let minute = 0; minute < 4; minute += 1) {
    rows.push(entryOf(tenant, ago(0)));
    await follower.advance(signal);
    trail.clock.at = new Date(trail.clock.at.getTime() + 60 * secondMs);
    await follower.settle(signal);
  }
  trail.clock.at = new Date(trail.clock.at.getTime() + 90 * secondMs);
  await follower.settle(signal);
  expect(await idsOf(tenant)).toEqual(ids(rows));
});

it("of two replicas one follows a service, and the other when the first is gone; the first then notes nothing more", async () => {
  const [one, other] = [trail.sources(), trail.sources()];
  expect(await one.claim()).toEqual(new Set(["lead"]));
  expect(await other.claim()).toEqual(new Set());
  expect(await one.claim()).toEqual(new Set(["lead"]));
  const place = { recordedAt: ago(1), id: "a" };
  await one.save("lead", "journal", { frontier: place, settled: place });
  trail.clock.at = new Date(trail.clock.at.getTime() + 20 * secondMs);
  expect(await other.claim()).toEqual(new Set(["lead"]));
  expect(await one.claim()).toEqual(new Set());
  await one.save("lead", "journal", { frontier: beginning, settled: beginning });
  expect(await other.places("lead", "journal")).toEqual({ frontier: place, settled: place });
  await other.release();
  expect(await one.claim()).toEqual(new Set(["lead"]));
});
