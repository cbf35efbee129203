import { afterAll, beforeAll, expect, test } from "vitest";
import { v7 as uuidv7 } from "uuid";
import type { JournalRow } from "../src/entry.ts";
import { heldRowMs, scanPage } from "../src/journal.ts";
import { collected, entry, openService, type TestService } from "./support.ts";

let service: TestService;

beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

const row = (aggregate: string, version: number, changes: Partial<JournalRow> = {}): Omit<JournalRow, "recordedAt"> => {
  const { id, ...rest } = entry(version);
  return { _id: id, tenant: "t1", kind: "lead", aggregate, ...rest, ...changes };
};

const idsOf = async (rows: AsyncIterable<JournalRow>): Promise<string[]> =>
  (await collected(rows)).map(({ _id }) => _id);

test("the same event recorded again is accepted and stands once", async () => {
  const rows = [row("lead_again", 1), row("lead_again", 2)];
  expect(await service.journal.append(rows)).toEqual(new Set());
  expect(await service.journal.append(rows)).toEqual(new Set());
  expect(await idsOf(service.journal.history("t1", "lead_again"))).toEqual(rows.map(({ _id }) => _id));
});

test("another event at a recorded place is refused, the rows beside it are recorded", async () => {
  const first = row("lead_conflict", 1);
  await service.journal.append([first]);
  const intruder = row("lead_conflict", 1);
  const beside = [row("lead_beside", 1), row("lead_beside", 2)];
  expect(await service.journal.append([...beside.slice(0, 1), intruder, ...beside.slice(1)])).toEqual(
    new Set([intruder._id]),
  );
  expect(await idsOf(service.journal.history("t1", "lead_conflict"))).toEqual([first._id]);
  expect(await idsOf(service.journal.history("t1", "lead_beside"))).toEqual(beside.map(({ _id }) => _id));
});

test("an event id recorded for one record is refused for another", async () => {
  const first = row("lead_owner", 1);
  await service.journal.append([first]);
  expect(await service.journal.append([{ ...first, aggregate: "lead_thief" }])).toEqual(new Set([first._id]));
});

test("it tells which events it holds, of the tenants asked for", async () => {
  const held = [row("lead_told", 1), row("lead_told", 2)];
  const foreign = row("lead_foreign", 1, { tenant: "t2" });
  await service.journal.append([...held, foreign]);
  const asked = [...held, foreign, row("lead_told", 3)].map(({ _id }) => _id);
  expect(await service.journal.holds(["t1"], asked)).toEqual(new Set(held.map(({ _id }) => _id)));
});

test("a command key is recorded once in a tenant and found by it", async () => {
  const commandKey = uuidv7();
  const first = row("lead_key", 1, { commandKey });
  const second = row("lead_key", 2, { commandKey });
  expect(await service.journal.append([first])).toEqual(new Set());
  expect(await service.journal.append([second])).toEqual(new Set([second._id]));
  expect(await service.journal.append([row("lead_key", 1, { commandKey, tenant: "t2" })])).toEqual(new Set());
  expect((await service.journal.findByCommandKey("t1", commandKey))?._id).toBe(first._id);
  expect(await service.journal.findByCommandKey("t1", uuidv7())).toBeUndefined();
});

test("a commit is read whole and in order, the latest event of a record is its newest commit's last", async () => {
  const commit = [2, 0, 1].map((index) => row("lead_commit", 7, { index, count: 3 }));
  await service.journal.append([row("lead_commit", 6), ...commit]);
  expect((await service.journal.commit("t1", "lead_commit", 7)).map(({ index }) => index)).toEqual([0, 1, 2]);
  expect((await service.journal.latest("t1", "lead_commit"))?._id).toBe(commit[0]?._id);
  expect(await service.journal.latest("t2", "lead_commit")).toBeUndefined();
});

test("a repeated row that could not be published in time is stamped again, a fresh one is not", async () => {
  const [held, fresh] = [row("lead_held", 1), row("lead_fresh", 1)];
  await service.journal.append([held]);
  service.host.advance(heldRowMs + 1);
  await service.journal.append([fresh]);
  const before = await service.journal.latest("t1", "lead_fresh");
  service.host.advance(1_000);
  await service.journal.append([held, fresh]);
  const stampedAt = (await service.journal.latest("t1", "lead_held"))?.recordedAt.getTime();
  expect(stampedAt).toBeGreaterThanOrEqual((before?.recordedAt.getTime() ?? 0) + 1_000);
  expect((await service.journal.latest("t1", "lead_fresh"))?.recordedAt).toEqual(before?.recordedAt);
});

test("a scan gives every row once and in order over many pages, also where one instant fills a page", async () => {
  const tenant = "t_scan";
  const expected: string[] = [];
  for (const instant of [0, 1, 2, 3]) {
    service.host.advance(5);
    const rows = Array.from({ length: 700 }, (_, at) => row(`lead_s${instant}_${at}`, 1, { tenant }));
    await service.journal.append(rows);
    expected.push(...rows.map(({ _id }) => _id).toSorted());
  }
  const rows = await collected(service.journal.scan({ tenant }));
  expect(rows.map(({ _id }) => _id)).toEqual(expected);

  const [middle, second] = [rows.at(1_000), rows.at(700)];
  const after = { recordedAt: middle?.recordedAt ?? new Date(), id: middle?._id ?? "" };
  expect(await idsOf(service.journal.scan({ tenant, after }))).toEqual(expected.slice(1_001));
  const until = second?.recordedAt ?? new Date();
  expect(await idsOf(service.journal.scan({ tenant, until }))).toEqual(expected.slice(0, 1_400));
});

test("a scan takes only the tenant and the types asked for", async () => {
  const tenant = "t_types";
  const won = row("lead_types", 1, { tenant, type: "LeadWon" });
  await service.journal.append([won, row("lead_types", 2, { tenant }), row("lead_types", 1, { tenant: "t_types2" })]);
  expect(await idsOf(service.journal.scan({ tenant, types: ["LeadWon"] }))).toEqual([won._id]);
});

const place = { recordedAt: new Date(0), id: "x" };

test.each([
  ["one tenant's journal", { tenant: "t_scan", after: place }],
  ["one tenant's journal from its beginning", { tenant: "t_scan" }],
  ["the whole service's journal", { after: place, until: new Date() }],
  ["some types of the whole service's journal", { types: ["LeadWon"], after: place }],
])("a page of %s is read in the order of an index, without a sort", async (_, scan) => {
  const plan: unknown = await scanPage(service.db.collection("journal"), scan).explain();
  expect(JSON.stringify(plan)).not.toMatch(/"(Node Type|stage)":"(Sort|SORT)"/);
});
