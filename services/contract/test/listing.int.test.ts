import { newId } from "@keynode/aggregate/type-id";
import { Contract } from "@keynode/contracts/crm/contract/v1/contract";
import { isDomainError } from "@keynode/decider/domain-error";
import type { AggregateDocument } from "@keynode/messaging/entry";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, it } from "vitest";
import { contractListing, productListing, purchaseListing, roundListing } from "../src/api/list.ts";
import type { ContractState } from "../src/domain/contract/state.ts";
import { contractService } from "../src/service.ts";

const owners = Array.from({ length: 35 }, () => newId("user"));
const teams = Array.from({ length: 3 }, () => newId("team"));
let under: ServiceUnderTest;

const document = (index: number): AggregateDocument<ContractState> => {
  const id = newId("contract");
  const createTime = new Date(Date.now() - index * 1_000);
  const state = {
    ...Contract.fromPartial({
      id,
      ownerId: owners[index % owners.length] ?? "",
      teamId: teams[index % teams.length] ?? "",
      number: `C-${index}`,
      accountId: `account_${index % 85}`,
      opportunityId: `opportunity_${index % 850}`,
      status: (["DRAFT", "NEGOTIATING", "SIGNED", "CANCELLED"] as const)[index % 4] ?? "DRAFT",
      title: `N${index}`,
      createTime,
      updateTime: createTime,
    }),
    titleKey: `n${index}`,
    signedOn: `2017-${String((index % 12) + 1).padStart(2, "0")}-01`,
  };
  return { _id: id, tenant: under.tenant, version: 1, state, outbox: [] };
};

beforeAll(async () => {
  under = await startForTest(contractService);
  const contracts = under.db.collection<AggregateDocument<ContractState>>("contracts");
  await contracts.insertMany(Array.from({ length: 10_000 }, (_, index) => document(index)));
});

describe("a list", () => {
  it.each([
    ["contracts", contractListing, "", ""],
    ["contracts", contractListing, "status = NEGOTIATING", ""],
    ["contracts", contractListing, 'accountId = "account_7" AND status = SIGNED', ""],
    ["contracts", contractListing, 'opportunityId = "opportunity_7"', ""],
    ["contracts", contractListing, 'number = "C-7"', ""],
    ["contracts", contractListing, 'signedDate >= "2017-05-01"', "signedDate desc"],
    ["contracts", contractListing, "", "title"],
    ["products", productListing, 'series = "GTX"', ""],
    ["products", productListing, 'name = "GTX Pro"', ""],
    ["products", productListing, 'aliases:"GTXPro"', ""],
    ["products", productListing, "", "name"],
    ["rounds", roundListing, 'contractId = "c"', ""],
    ["rounds", roundListing, 'contractId = "c" AND clauseId = "c1"', "number"],
    ["purchases", purchaseListing, "", ""],
    ["purchases", purchaseListing, 'accountId = "account_7" AND purchaseDate >= "2017-05-01"', ""],
    ["purchases", purchaseListing, 'contractId = "c"', ""],
    ["purchases", purchaseListing, 'externalKey = "k"', ""],
    ["purchases", purchaseListing, "", "createTime desc"],
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
