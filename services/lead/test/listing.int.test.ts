import { newId } from "@keynode/aggregate/type-id";
import { isDomainError } from "@keynode/decider/domain-error";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, it } from "vitest";
import { leadListing } from "../src/api/list.ts";
import { leadService } from "../src/service.ts";

/** Rows of a collection by their place: what the listing looks at, and no more. */
type Fields = (index: number) => object;

const owners = Array.from({ length: 20 }, () => newId("user"));
const teams = Array.from({ length: 3 }, () => newId("team"));
const owned = (index: number) => ({ ownerId: owners[index % owners.length], teamId: teams[index % teams.length] });
const timeOf = (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 60_000);
let under: ServiceUnderTest;

const fill = async (collection: string, fields: Fields) => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    _id: newId("row"),
    tenant: under.tenant,
    version: 1,
    ...fields(index),
  }));
  await under.db.collection<{ _id: string }>(collection).insertMany(rows);
};

beforeAll(async () => {
  under = await startForTest(leadService);
  await fill("leads", (index) => ({
    state: {
      ...owned(index),
      name: `N${index}`,
      nameKey: `n${index}`,
      status: (["NEW", "WORKING", "QUALIFIED"] as const)[index % 3],
      stage: (["POTENTIAL", "INTENT"] as const)[index % 2],
      source: `source-${index % 9}`,
      email: `${index}@example.com`,
      phone: `+86${index}`,
      matchKeys: [`email:${index}@example.com`],
      createTime: timeOf(index),
      updateTime: timeOf(index),
    },
  }));
});

describe("a list", () => {
  it.each([
    ["leads", leadListing, "", ""],
    ["leads", leadListing, "status = NEW", ""],
    ["leads", leadListing, "status = NEW AND stage = INTENT", ""],
    ["leads", leadListing, `ownerId = "${owners[0] ?? ""}" AND status = NEW`, ""],
    ["leads", leadListing, 'source = "source-7"', ""],
    ["leads", leadListing, 'email = "7@example.com"', ""],
    ["leads", leadListing, 'phone = "+867"', ""],
    ["leads", leadListing, "", "name"],
    ["leads", leadListing, "", "updateTime desc"],
  ] as const)(
    "of %s is served in order by an index, whoever asks (%#)",
    async (collection, listing, filter, orderBy) => {
      const visibilities = [
        { kind: "all" },
        { kind: "own", ownerId: owners[1] ?? "" },
        { kind: "team", ownerId: owners[1] ?? "", teamIds: teams.slice(0, 2) },
      ] as const;
      for (const visibility of visibilities) {
        const plan = planList(listing, { tenant: under.tenant, visibility, filter, orderBy });
        if (isDomainError(plan)) throw new Error(`${filter}: ${plan.reason} ${JSON.stringify(plan.violations)}`);
        await assertServed(under.db.collection<{ _id: string }>(collection), plan);
      }
    },
  );
});
