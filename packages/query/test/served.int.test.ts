import type { Visibility } from "@keynode/auth/visibility";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Collection } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertServed } from "../src/assert-served.ts";
import { type ListPlan, planList } from "../src/list-plan.ts";
import type { ListRequest } from "../src/list-request.ts";
import { readPage } from "../src/read-page.ts";
import { lead, type LeadDocument, leads, openLeads } from "./leads.ts";

const count = 20_000;
const all: Visibility = { kind: "all" };
const own: Visibility = { kind: "own", ownerId: "user_3" };
const team: Visibility = { kind: "team", ownerId: "user_3", teamIds: ["team_1", "team_2"] };

let collection: Collection<LeadDocument>;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ collection, close } = await openLeads());
  for (let start = 0; start < count; start += 2_000) {
    await collection.insertMany(Array.from({ length: 2_000 }, (_, offset) => lead(start + offset)));
  }
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
  ["names that begin with wang", { orderBy: "name", filter: 'name = "wang*"' }],
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
  ["a team without records", { kind: "team", ownerId: "user_x", teamIds: ["team_x", "team_y"] } satisfies Visibility],
] as const)("a page that sees %s is served in order", (_, visibility) => {
  it.each(requests)("%s", async (_name, request) => {
    const asked = { ...request, visibility, pageSize: 20 };
    const first = plan(asked);
    await assertServed(collection, first);
    const { nextPageToken } = await page(first);
    if (nextPageToken === "") return;
    const second = plan({ ...asked, pageToken: nextPageToken });
    await assertServed(collection, second);
    const third = plan({ ...asked, pageToken: (await page(second)).nextPageToken });
    await assertServed(collection, third);
  });
});

it("a sort that no index serves is found out", async () => {
  const { scans, ...rest } = plan({});
  const unserved = { ...rest, scans, sort: { "state.score": 1 } } as const;
  await expect(assertServed(collection, unserved)).rejects.toThrow("not served in order");
});

it("a plan over another index than the planned one is found out", async () => {
  const { scans, ...rest } = plan({ orderBy: "name" });
  await expect(
    assertServed(collection, { ...rest, scans: scans.map((scan) => ({ ...scan, hint: "_id_" })) }),
  ).rejects.toThrow();
});
