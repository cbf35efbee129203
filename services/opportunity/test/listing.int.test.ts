import { newId } from "@keynode/aggregate/type-id";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { isDomainError } from "@keynode/decider/domain-error";
import type { AggregateDocument } from "@keynode/messaging/entry";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, it } from "vitest";
import { opportunityListing, pipelineListing } from "../src/api/list.ts";
import type { OpportunityState } from "../src/domain/opportunity/state.ts";
import { opportunityService } from "../src/service.ts";

const owners = Array.from({ length: 35 }, () => newId("user"));
const teams = Array.from({ length: 3 }, () => newId("team"));
const stages = ["prospecting", "engaging", "proposal", "negotiation"];
let under: ServiceUnderTest;

const document = (index: number): AggregateDocument<OpportunityState> => {
  const id = newId("opportunity");
  const createTime = new Date(Date.now() - index * 1_000);
  const closeOn = `2017-${String((index % 12) + 1).padStart(2, "0")}-01`;
  const state = {
    ...Opportunity.fromPartial({
      id,
      ownerId: owners[index % owners.length] ?? "",
      teamId: teams[index % teams.length] ?? "",
      status: (["OPEN", "WON", "LOST"] as const)[index % 3] ?? "OPEN",
      stageKey: stages[index % 4] ?? "",
      accountId: `account_${index % 85}`,
      externalKey: `key-${index}`,
      name: `N${index}`,
      createTime,
      updateTime: createTime,
    }),
    nameKey: `n${index}`,
    closeOn,
    expectedCloseOn: closeOn,
  };
  return { _id: id, tenant: under.tenant, version: 1, state, outbox: [] };
};

beforeAll(async () => {
  under = await startForTest(opportunityService);
  const deals = under.db.collection<AggregateDocument<OpportunityState>>("opportunities");
  await deals.insertMany(Array.from({ length: 10_000 }, (_, index) => document(index)));
});

describe("a list", () => {
  it.each([
    ["opportunities", opportunityListing, "", ""],
    ["opportunities", opportunityListing, "status = OPEN", ""],
    ["opportunities", opportunityListing, 'status = OPEN AND stageKey = "engaging"', ""],
    ["opportunities", opportunityListing, 'accountId = "account_7"', ""],
    ["opportunities", opportunityListing, 'accountId = "account_7" AND status = WON', ""],
    ["opportunities", opportunityListing, `ownerId = "${owners[0] ?? ""}" AND status = OPEN`, ""],
    ["opportunities", opportunityListing, 'externalKey = "key-7"', ""],
    ["opportunities", opportunityListing, 'status = WON AND closeDate >= "2017-05-01"', "closeDate desc"],
    ["opportunities", opportunityListing, 'status = OPEN AND expectedCloseDate < "2017-06-01"', "expectedCloseDate"],
    ["opportunities", opportunityListing, "", "updateTime desc"],
    ["opportunities", opportunityListing, "", "name"],
    ["pipelines", pipelineListing, "default = true", ""],
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
        await assertServed(under.db.collection<AggregateDocument<object>>(collection), plan);
      }
    },
  );
});
