import { newId } from "@keynode/aggregate/type-id";
import { isDomainError } from "@keynode/decider/domain-error";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, it } from "vitest";
import { accountListing, contactListing, keyNodeListing } from "../src/api/list.ts";
import { accountService } from "../src/service.ts";

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
  under = await startForTest(accountService);
  await fill("accounts", (index) => ({
    state: {
      ...owned(index),
      name: `N${index}`,
      nameKey: `n${index}`,
      stage: (["POTENTIAL", "INTENT", "CLOSED_WON"] as const)[index % 3],
      email: `${index}@example.com`,
      phone: `+86${index}`,
      parentAccountId: `account_${index % 85}`,
      uniqueKey: `key-${index}`,
      externalKey: `key-${index}`,
      origin: { kind: "CAMPAIGN", detail: `fair-${index % 50}` },
      createTime: timeOf(index),
      updateTime: timeOf(index),
    },
  }));
  await fill("contacts", (index) => ({
    state: {
      ...owned(index),
      name: `N${index}`,
      nameKey: `n${index}`,
      accountId: `account_${index % 85}`,
      leadId: `lead_${index}`,
      email: `${index}@example.com`,
      phone: `+86${index}`,
      createTime: timeOf(index),
    },
  }));
  await fill("keyNodes", (index) => ({
    state: {
      ...owned(index),
      accountId: `account_${index % 85}`,
      leadId: `lead_${index % 90}`,
      nodeType: (["DEMO", "PURCHASE"] as const)[index % 2],
      status: (["OPEN", "LATE", "DONE"] as const)[index % 3],
      occurTime: timeOf(index),
      responseDueTime: timeOf(index),
    },
  }));
});

describe("a list", () => {
  it.each([
    ["accounts", accountListing, "", ""],
    ["accounts", accountListing, "stage = INTENT", ""],
    ["accounts", accountListing, 'email = "7@example.com"', ""],
    ["accounts", accountListing, 'phone = "+867"', ""],
    ["accounts", accountListing, 'parentAccountId = "account_7"', ""],
    ["accounts", accountListing, 'externalKey = "key-7"', ""],
    ["accounts", accountListing, 'origin.kind = "CAMPAIGN" AND origin.detail = "fair-7"', ""],
    ["accounts", accountListing, "", "name"],
    ["accounts", accountListing, "", "updateTime desc"],
    ["contacts", contactListing, "", ""],
    ["contacts", contactListing, 'accountId = "account_7"', ""],
    ["contacts", contactListing, 'leadId = "lead_7"', ""],
    ["contacts", contactListing, 'email = "7@example.com"', ""],
    ["contacts", contactListing, "", "name"],
    ["keyNodes", keyNodeListing, "", ""],
    ["keyNodes", keyNodeListing, 'accountId = "account_7" AND nodeType = DEMO', ""],
    ["keyNodes", keyNodeListing, 'leadId = "lead_7"', ""],
    ["keyNodes", keyNodeListing, "status = OPEN", "responseDueTime"],
    ["keyNodes", keyNodeListing, `ownerId = "${owners[0] ?? ""}" AND status = OPEN`, "responseDueTime"],
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
