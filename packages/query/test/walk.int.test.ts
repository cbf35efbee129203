import type { Visibility } from "@keynode/auth/visibility";
import { isDomainError } from "@keynode/decider/domain-error";
import fc from "fast-check";
import type { Collection } from "mongodb";
import { afterEach, describe, expect, it } from "vitest";
import { parseFilter } from "../src/filter-parser.ts";
import { type Comparator, type FilterNode, type Literal, printFilter } from "../src/filter-syntax.ts";
import { planList } from "../src/list-plan.ts";
import { checkRequest, type ListRequest } from "../src/list-request.ts";
import { defineListing } from "../src/listing.ts";
import { readPage } from "../src/read-page.ts";
import { lead, type LeadDocument, leads, leadsSpec, statuses } from "./leads.ts";
import { openLeads } from "./open-leads.ts";
import { holds, inOrder, sees } from "./reference.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((leadsOf) => leadsOf.close()));
});
const collectionOf = async (documents: readonly LeadDocument[]): Promise<Collection<LeadDocument>> => {
  const leadsOf = await openLeads();
  opened.push(leadsOf);
  await leadsOf.collection.insertMany([...documents]);
  return leadsOf.collection;
};

/** Every page of a list, one after the other; `between` runs before each but the first. */
const walk = async (
  collection: Collection<LeadDocument>,
  request: ListRequest,
  listing = leads,
  between: () => Promise<void> = async () => {},
): Promise<LeadDocument[]> => {
  const seen: LeadDocument[] = [];
  let pageToken = "";
  do {
    const plan = planList(listing, { ...request, pageToken });
    if (isDomainError(plan)) throw new Error(JSON.stringify(plan));
    const page = await readPage(collection, plan);
    if (isDomainError(page)) throw new Error(JSON.stringify(page));
    expect(page.documents.length).toBeLessThanOrEqual(plan.pageSize);
    seen.push(...page.documents);
    pageToken = page.nextPageToken;
    if (pageToken !== "") await between();
  } while (pageToken !== "");
  return seen;
};

const ids = (documents: readonly LeadDocument[]) => documents.map(({ _id }) => _id);
const all: Visibility = { kind: "all" };

describe("a walk through the pages", () => {
  it.each([1, 2, 7, 50, 120])("in pages of %i gives every record once, in order", async (pageSize) => {
    const documents = Array.from({ length: 120 }, (_, number) => lead(number));
    const collection = await collectionOf(documents);
    for (const orderBy of ["createTime", "createTime desc", "name", "name desc", "convertTime", "convertTime desc"]) {
      const request: ListRequest = { tenant: "t1", visibility: all, orderBy, pageSize, showDeleted: true };
      const checked = checkRequest(leads, request);
      if (isDomainError(checked)) throw new Error(checked.reason);
      expect(ids(await walk(collection, request))).toEqual(ids(documents.toSorted(inOrder(checked.order))));
    }
  });

  it("beside others who write gives every record that was there all the time once", async () => {
    const documents = Array.from({ length: 300 }, (_, number) => lead(number));
    const collection = await collectionOf(documents);
    let written = 300;
    // Before, between and behind the pages already read, on the same times too, and some that are deleted.
    const others = async () => {
      const more = Array.from({ length: 20 }, () => {
        written += 1;
        return lead(written, { createTime: lead(written % 320).state.createTime });
      });
      await collection.insertMany(more);
      await collection.deleteOne({ _id: more[0]?._id ?? "" });
    };
    for (const visibility of [all, { kind: "team", ownerId: "user_3", teamIds: ["team_1", "team_2"] }] as const) {
      const request: ListRequest = { tenant: "t1", visibility, pageSize: 23 };
      const walked = ids(await walk(collection, request, leads, others));
      const originals = documents.filter((document) => !document.state.deleteTime && sees(visibility, document));
      expect(new Set(walked).size).toBe(walked.length);
      expect(walked.filter((id) => originals.some(({ _id }) => _id === id)).toSorted()).toEqual(
        ids(originals).toSorted(),
      );
    }
  });

  it("shows a record once that is the caller's own and its team's", async () => {
    const collection = await collectionOf(
      Array.from({ length: 30 }, (_, number) => lead(number, { ownerId: "me", teamId: "ours" })),
    );
    const visibility: Visibility = { kind: "team", ownerId: "me", teamIds: ["ours"] };
    expect(await walk(collection, { tenant: "t1", visibility, pageSize: 4, showDeleted: true })).toHaveLength(30);
  });
});

/** The same listing, where every field may be filtered without an index. */
const lenient = defineListing({
  ...leadsSpec,
  fields: Object.fromEntries(
    Object.entries(leadsSpec.fields).map(([name, field]) => [name, { ...field, residual: true }]),
  ),
  residualTimeMs: 10_000,
});

const texts = ["", "a", "ab", "abc", "A", "张三", "张四", "𠮷", "\uffff", "a*", "$where", "a.b"];
const times = ["2026-01-05T12:00:00Z", "2026-01-05T12:00:01Z", "2026-01-05T12:00:01.500Z", "1969-12-31T23:59:59Z"];
const days = ["2026-01-05", "2026-01-06", "2026-12-31"];
const amounts = [-1n, 0n, 1n, 9_007_199_254_740_993n, 2n ** 63n - 1n];
const anyText = fc.constantFrom(...texts);
const anyTime = fc.constantFrom(...times).map((text) => new Date(text));

const states = fc.record({
  ownerId: fc.constantFrom("me", "you", "they"),
  teamId: fc.constantFrom("ours", "theirs", ""),
  status: fc.constantFrom(...statuses),
  name: anyText,
  nameKey: anyText,
  email: anyText,
  createTime: anyTime,
  deleteTime: fc.option(anyTime, { nil: undefined, freq: 1 }),
  convertTime: fc.option(anyTime, { nil: undefined }),
  capturedOn: fc.constantFrom(...days),
  visits: fc.constantFrom(-1, 0, 1, 2),
  amount: fc.constantFrom(...amounts),
  score: fc.constantFrom(-0.5, 0, 0.5, 1e9),
  vip: fc.boolean(),
  tags: fc.uniqueArray(anyText, { maxLength: 3 }),
  source: fc.record({ channel: anyText }),
});
const documents = fc
  .array(fc.tuple(fc.constantFrom("t1", "t1", "t1", "t2"), states), { minLength: 60, maxLength: 60 })
  .map((rows) =>
    rows.map(
      ([tenant, { deleteTime, convertTime, ...state }], number): LeadDocument => ({
        _id: `lead_${number}`,
        tenant,
        outbox: [],
        state: { ...state, ...(deleteTime && { deleteTime }), ...(convertTime && { convertTime }) },
      }),
    ),
  );

const quoted = (values: readonly string[]): fc.Arbitrary<Literal> =>
  fc.constantFrom(...values).map((text) => ({ text, quoted: true, wildcard: false }));
const bare = (values: readonly unknown[]): fc.Arbitrary<Literal> =>
  fc.constantFrom(...values).map((value) => ({ text: String(value), quoted: false, wildcard: false }));
const present: Literal = { text: "", quoted: false, wildcard: true };
const prefixes = fc.constantFrom(...texts.slice(1)).map((text): Literal => ({ text, quoted: true, wildcard: true }));
const equality: readonly Comparator[] = ["=", "!=", ":"];
const anyComparator: readonly Comparator[] = [...equality, "<", "<=", ">", ">="];

const comparison = (
  field: string,
  comparators: readonly Comparator[],
  literal: fc.Arbitrary<Literal>,
): fc.Arbitrary<FilterNode> =>
  fc.record({
    kind: fc.constant("comparison" as const),
    field: fc.constant(field),
    comparator: fc.constantFrom(...comparators),
    literal,
  });
const comparisons = fc.oneof(
  comparison("status", equality, quoted(statuses)),
  comparison("ownerId", equality, quoted(["me", "you"])),
  comparison("name", anyComparator, quoted(texts)),
  comparison("nameKey", anyComparator, quoted(texts)),
  comparison("name_key", equality, prefixes),
  comparison("email", anyComparator, quoted(texts)),
  comparison("createTime", anyComparator, quoted(times)),
  comparison("convert_time", anyComparator, bare(times)),
  comparison("capturedOn", anyComparator, bare(days)),
  comparison("visits", anyComparator, bare([-1, 0, 1])),
  comparison("amount", anyComparator, bare(amounts)),
  comparison("score", anyComparator, bare([-0.5, 0, 0.5])),
  comparison("vip", equality, bare([true, false])),
  comparison("tags", [":"], quoted(texts)),
  comparison("source.channel", anyComparator, quoted(texts)),
  ...["convertTime", "email", "status", "tags"].map((field) => comparison(field, [":"], fc.constant(present))),
);
const { filters } = fc.letrec<{ filters: FilterNode }>((tie) => ({
  filters: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    comparisons,
    fc.record({ kind: fc.constantFrom("and", "or"), nodes: fc.array(tie("filters"), { minLength: 2, maxLength: 3 }) }),
    fc.record({ kind: fc.constant("not" as const), node: tie("filters") }),
  ),
}));
const visibilities: fc.Arbitrary<Visibility> = fc.constantFrom<Visibility>(
  all,
  { kind: "own", ownerId: "me" },
  { kind: "team", ownerId: "me", teamIds: [] },
  { kind: "team", ownerId: "me", teamIds: ["ours"] },
  { kind: "team", ownerId: "me", teamIds: ["ours", "theirs"] },
);
const requests = fc.record({
  tenant: fc.constant("t1"),
  visibility: visibilities,
  filter: fc.option(filters.map(printFilter), { nil: "", freq: 8 }),
  orderBy: fc.constantFrom(
    "",
    "createTime",
    "name",
    "name desc",
    "convertTime",
    "convertTime desc",
    "amount",
    "amount desc",
  ),
  pageSize: fc.constantFrom(1, 3, 10, 50),
  showDeleted: fc.boolean(),
});

it("any list of any records is what the filter means, in order, on this engine", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(documents, fc.array(requests, { minLength: 12, maxLength: 12 }), async (stored, asked) => {
      const collection = await collectionOf(stored);
      for (const request of asked) {
        const checked = checkRequest(lenient, request);
        if (isDomainError(checked))
          throw new Error(JSON.stringify([request.filter, parseFilter(request.filter), checked]));
        const { predicate, order } = checked;
        const expected = stored
          .filter((document) => document.tenant === "t1" && sees(request.visibility, document))
          .filter((document) => request.showDeleted || document.state.deleteTime === undefined)
          .filter((document) => predicate === undefined || holds(predicate, document))
          .toSorted(inOrder(order));
        expect(ids(await walk(collection, request, lenient)), JSON.stringify(request)).toEqual(ids(expected));
      }
    }),
    { numRuns: 15, endOnFailure: true },
  );
});
