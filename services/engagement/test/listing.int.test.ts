import { newId } from "@keynode/aggregate/type-id";
import { isDomainError } from "@keynode/decider/domain-error";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, it } from "vitest";
import { behaviourListing, taskListing } from "../src/api/list.ts";
import { engagementService } from "../src/service.ts";

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
  under = await startForTest(engagementService);
  await fill("tasks", (index) => ({
    state: {
      ...owned(index),
      accountId: `account_${index % 85}`,
      leadId: `lead_${index % 90}`,
      opportunityId: `opportunity_${index % 95}`,
      caseId: `case_${index % 80}`,
      kind: (["CARE", "SALES"] as const)[index % 2],
      status: (["OPEN", "DONE", "CANCELLED"] as const)[index % 3],
      overdue: index % 5 === 0,
      dueTime: timeOf(index),
    },
  }));
  await fill("behaviours", (index) => ({
    state: {
      ...owned(index),
      accountId: `account_${index % 85}`,
      leadId: `lead_${index % 90}`,
      visitorId: `visitor_${index % 100}`,
      type: (["PAGE_VIEW", "DOWNLOAD"] as const)[index % 2],
      occurTime: timeOf(index),
    },
  }));
});

describe("a list", () => {
  it.each([
    ["tasks", taskListing, "", ""],
    ["tasks", taskListing, "status = OPEN", ""],
    ["tasks", taskListing, "status = OPEN AND overdue = true", ""],
    ["tasks", taskListing, `ownerId = "${owners[0] ?? ""}" AND status = OPEN`, ""],
    ["tasks", taskListing, 'accountId = "account_7" AND kind = CARE', ""],
    ["tasks", taskListing, 'leadId = "lead_7"', ""],
    ["tasks", taskListing, 'opportunityId = "opportunity_7"', ""],
    ["tasks", taskListing, 'caseId = "case_7"', ""],
    ["behaviours", behaviourListing, "", ""],
    ["behaviours", behaviourListing, "type = DOWNLOAD", ""],
    ["behaviours", behaviourListing, 'leadId = "lead_7" AND type = DOWNLOAD', ""],
    ["behaviours", behaviourListing, 'accountId = "account_7"', ""],
    ["behaviours", behaviourListing, 'visitorId = "visitor_7"', ""],
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
