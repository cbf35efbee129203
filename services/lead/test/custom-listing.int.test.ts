import { newId } from "@keynode/aggregate/type-id";
import { listingFor } from "@keynode/api/custom-listing";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { isDomainError } from "@keynode/decider/domain-error";
import { fieldSetOf } from "@keynode/fields/field-set";
import type { Call } from "@keynode/grpc/call";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, expect, it } from "vitest";
import { leadListing } from "../src/api/list.ts";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
const owner = newId("user");
const team = newId("team");
const set = fieldSetOf(
  [
    { key: "shoeSize", kind: "NUMBER", sortable: true, sortSlot: 3 } as const,
    { key: "nickname", kind: "TEXT" } as const,
  ].map((field) => CustomField.fromPartial({ collection: "leads", ...field })),
);
const store = { fields: { of: async () => set, knowing: async () => set }, aggregate: { collection: "leads" } };
const call = {
  tenant: "t",
  actor: owner,
  principal: { roles: [], grants: { "*": "all" } },
  scope: "all",
} as unknown as Call;

beforeAll(async () => {
  under = await startForTest(leadService);
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    _id: newId("row"),
    tenant: under.tenant,
    version: 1,
    state: {
      ownerId: index % 7 === 0 ? owner : newId("user"),
      teamId: index % 5 === 0 ? team : newId("team"),
      createTime: new Date(Date.UTC(2026, 0, 1) + index * 60_000),
      nameKey: `n${index}`,
      ...(index % 10 === 0 && {
        customKeys: ["shoeSize", `shoeSize=${index % 50}`, "nickname", `nickname=n${index % 30}`],
        customSort: { s3: index % 50 },
      }),
    },
  }));
  await under.db.collection<{ _id: string }>("leads").insertMany(rows);
});

it.each([
  ["customFields.shoeSize = 20", ""],
  ['customFields.nickname = "n10" OR customFields.nickname = "n20"', ""],
  ["customFields.nickname:*", ""],
  ["", "customFields.shoeSize"],
  ["", "customFields.shoeSize desc"],
])("a list by custom values is served in order by an index, whoever asks (%s %s)", async (filter, orderBy) => {
  const { listing, needs } = await listingFor(store, leadListing, { filter, orderBy }, call);
  const collection = under.db.collection<{ _id: string }>("leads");
  if (needs !== undefined) await collection.createIndexes([needs]);
  const visibilities = [
    { kind: "all" },
    { kind: "own", ownerId: owner },
    { kind: "team", ownerId: owner, teamIds: [team] },
  ] as const;
  for (const visibility of visibilities) {
    const plan = planList(listing, { tenant: under.tenant, visibility, filter, orderBy });
    if (isDomainError(plan)) throw new Error(`${filter}: ${plan.reason} ${JSON.stringify(plan.violations)}`);
    await assertServed(collection, plan);
  }
});

it("the index of custom values holds only records that have some", async () => {
  const indexes = await under.db.collection("leads").indexes();
  const custom = indexes.find(({ key }) => "state.customKeys" in key);
  expect(custom?.["partialFilterExpression"]).toEqual({ "state.customKeys": { $exists: true } });
});
