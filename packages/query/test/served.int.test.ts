import type { Visibility } from "@keynode/auth/visibility";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Collection } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertServed } from "../src/assert-served.ts";
import { type ListPlan, planList } from "../src/list-plan.ts";
import { checkRequest, type ListRequest } from "../src/list-request.ts";
import { defineListing } from "../src/listing.ts";
import { readPage } from "../src/read-page.ts";
import { lead, type LeadDocument, leads, leadsSpec } from "./leads.ts";
import { openLeads } from "./open-leads.ts";
import { holds, inOrder, sees } from "./reference.ts";

const count = 20_000;
const all: Visibility = { kind: "all" };
const own: Visibility = { kind: "own", ownerId: "user_3" };
const team: Visibility = { kind: "team", ownerId: "user_3", teamIds: ["team_1", "team_2"] };

const documents = Array.from({ length: count }, (_, number) => lead(number));
const sharing: Visibility = { ...team, shared: new Set(documents.slice(40, 240).map(({ _id }) => _id)) };
const manyTeams = Array.from({ length: 250 }, (_, number) => `team_${number}`);
/** More teams than one scan takes, few enough to be explained in a moment. */
const most: Visibility = { kind: "team", ownerId: "user_3", teamIds: manyTeams.slice(2, 105), teamCount: 105 };
let collection: Collection<LeadDocument>;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openLeads();
  collection = opened.collection;
  close = () => opened.close();
  for (let start = 0; start < count; start += 2_000) await collection.insertMany(documents.slice(start, start + 2_000));
});
afterAll(async () => close?.());

const plan = (request: Partial<ListRequest>): ListPlan => {
  const planned = planList(leads, { tenant: "t1", visibility: all, ...request });
  if (isDomainError(planned)) throw new Error(JSON.stringify(planned));
  return planned;
};

const page = async (planned: ListPlan) => {
  const read = await readPage(collection, planned);
  if (isDomainError(read)) throw new Error(read.reason);
  return read;
};

/** Runs of hundreds of teams differ by the team alone: a few of them tell of all. */
const sampled = (planned: ListPlan): ListPlan => {
  const { otherwise = [] } = planned;
  const every = Math.ceil(otherwise.length / 5);
  return { ...planned, otherwise: otherwise.filter((_scan, index) => index % every === 0) };
};

const requests: [name: string, request: Partial<ListRequest>][] = [
  ["everything, newest first", {}],
  ["everything, oldest first", { orderBy: "createTime" }],
  ["everything, deleted records too", { showDeleted: true }],
  ["one status", { filter: "status = NEW" }],
  ["a status that no record has", { filter: "status = STATUS_UNSPECIFIED" }],
  ["two statuses", { filter: "status = NEW OR status = LOST" }],
  ["two statuses in two channels", { filter: "(status = NEW OR status = LOST) source.channel = PHONE" }],
  ["a tag", { filter: "tags:a1" }],
  ["an e-mail", { filter: 'email = "lead77@example.com"' }],
  ["one day", { filter: "createTime >= 2026-01-05T12:30:00Z AND createTime < 2026-01-05T13:00:00Z" }],
  ["a status and a day", { filter: "status = NEW createTime < 2026-01-05T13:00:00Z" }],
  ["by name", { orderBy: "name" }],
  ["by name backwards", { orderBy: "name desc" }],
  ["names that begin with wang", { orderBy: "name", filter: 'nameKey = "wang*"' }],
  ["one status by name", { orderBy: "name", filter: "status = NEW" }],
  ["latest conversion first", { orderBy: "convert_time desc" }],
  ["first conversion first", { orderBy: "convert_time" }],
  ["by amount", { orderBy: "amount desc" }],
  ["a residual field", { filter: "visits > 3 AND status = NEW" }],
];

describe.each([
  ["all", all],
  ["own", own],
  ["team", team],
  ["shared records", sharing],
  ["most teams", most],
  ["a team without records", { kind: "team", ownerId: "user_x", teamIds: ["team_x", "team_y"] }],
] satisfies [string, Visibility][])("a page that sees %s is served in order", (_, visibility) => {
  it.each(requests)("%s", async (_name, request) => {
    const asked = { ...request, visibility, pageSize: 20 };
    const first = plan(asked);
    await assertServed(collection, sampled(first));
    const { nextPageToken } = await page(first);
    if (nextPageToken !== "") await assertServed(collection, sampled(plan({ ...asked, pageToken: nextPageToken })));
  });
});

describe.each([
  ["team", team],
  ["shared records", sharing],
  ["most teams", most],
] satisfies [string, Visibility][])("merged runs give what one sort would of %s", (_, visibility) => {
  it.each(requests)("%s", async (_name, request) => {
    const asked: ListRequest = { tenant: "t1", ...request, visibility, pageSize: 100 };
    const checked = checkRequest(leads, asked);
    if (isDomainError(checked)) throw new Error(checked.reason);
    const { predicate, order } = checked;
    const expected = documents
      .filter((document) => sees(visibility, document) && (predicate === undefined || holds(predicate, document)))
      .filter(({ state }) => asked.showDeleted || state.deleteTime === undefined)
      .toSorted(inOrder(order));
    const first = await page(plan(asked));
    const second =
      first.nextPageToken === "" ? [] : (await page(plan({ ...asked, pageToken: first.nextPageToken }))).documents;
    expect([...first.documents, ...second].map(({ _id }) => _id)).toEqual(expected.slice(0, 200).map(({ _id }) => _id));
  });
});

it("more teams than one scan takes are read side by side", async () => {
  const teamIds = Array.from({ length: 250 }, (_, number) => `team_${number}`);
  const visibility: Visibility = { kind: "team", ownerId: "user_3", teamIds };
  const [some, every] = await Promise.all([page(plan({ visibility })), page(plan({}))]);
  expect(some.documents).toEqual(every.documents);
});

it("a walk that finds nothing in its time gives way to the teams' runs", async () => {
  const few: Visibility = {
    kind: "team",
    ownerId: "user_x",
    teamIds: [...manyTeams.slice(7), "team_x"],
    teamCount: 250,
  };
  await collection.insertOne(lead(count + 1, { teamId: "team_x" }));
  const { scans, ...rest } = plan({ visibility: few });
  const read = await page({ ...rest, scans: scans.map((scan) => ({ ...scan, maxTimeMs: 1 })) });
  expect(read.documents.map(({ state }) => state.teamId)).toEqual(["team_x"]);
  await collection.deleteOne({ "state.teamId": "team_x" });
});

it("a residual filter that takes too long is refused", async () => {
  const hasty = defineListing({ ...leadsSpec, residualTimeMs: 1 });
  const planned = planList(hasty, { tenant: "t1", visibility: all, filter: "vip = true visits > 100" });
  if (isDomainError(planned)) throw new Error(planned.reason);
  expect(await readPage(collection, planned)).toMatchObject({
    reason: "FILTER_TOO_COSTLY",
    violations: [{ field: "filter", reason: "FILTER_TIMED_OUT" }],
  });
});

it("a read ends when its caller hangs up", async () => {
  const signal = AbortSignal.abort(new Error("gone"));
  await expect(readPage(collection, plan({}), { signal })).rejects.toThrow("gone");
});

it("what is to be left out is not fetched", async () => {
  const read = await readPage(collection, plan({ pageSize: 1 }), { omit: ["outbox", "state.tags"] });
  expect(isDomainError(read) || read.documents).toEqual([
    expect.not.objectContaining({
      outbox: expect.anything(),
      state: expect.objectContaining({ tags: expect.anything() }),
    }),
  ]);
});

it("a sort that no index serves is found out", async () => {
  const { scans, ...rest } = plan({});
  const unserved = { ...rest, scans, sort: { "state.score": 1 } } as const;
  await expect(assertServed(collection, unserved)).rejects.toThrow("not served in order");
});

it("a plan over another index than the planned one is found out", async () => {
  const { scans, ...rest } = plan({ filter: "status = NEW" });
  const [{ filter } = { filter: {} }] = scans;
  const unplanned = { ...rest, scans: [{ filter, hint: "list_state.createTime_desc" }] };
  await assertServed(collection, unplanned);
  await expect(
    assertServed(collection, { ...unplanned, scans: [{ filter, hint: "list_state.email_state.createTime_desc" }] }),
  ).rejects.toThrow("not served in order");
});
