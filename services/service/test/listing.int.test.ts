import { newId } from "@keynode/aggregate/type-id";
import { isDomainError } from "@keynode/decider/domain-error";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, it } from "vitest";
import { caseListing, coverListing } from "../src/api/list.ts";
import { serviceService } from "../src/service.ts";

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
  under = await startForTest(serviceService);
  await fill("cases", (index) => ({
    state: {
      ...owned(index),
      accountId: `account_${index % 85}`,
      assigneeId: owners[index % 7],
      number: `CS-${index}`,
      status: (["OPEN", "ASSIGNED", "CLOSED"] as const)[index % 3],
      createTime: timeOf(index),
    },
  }));
  await fill("covers_covers_g1", (index) => ({
    ...owned(index),
    accountId: `account_${index % 85}`,
    contractId: `contract_${index}`,
    fromOn: "2026-01-01",
    untilOn: `2027-01-${String((index % 28) + 1).padStart(2, "0")}`,
    createTime: timeOf(index),
  }));
});

describe("a list", () => {
  it.each([
    ["cases", caseListing, "", ""],
    ["cases", caseListing, "status = OPEN", ""],
    ["cases", caseListing, 'accountId = "account_7"', ""],
    ["cases", caseListing, 'accountId = "account_7" AND status = OPEN', ""],
    ["cases", caseListing, `assigneeId = "${owners[0] ?? ""}" AND status = ASSIGNED`, ""],
    ["cases", caseListing, 'number = "CS-7"', ""],
    ["covers_covers_g1", coverListing, "", ""],
    ["covers_covers_g1", coverListing, 'accountId = "account_7"', ""],
    ["covers_covers_g1", coverListing, 'contractId = "contract_7"', ""],
    ["covers_covers_g1", coverListing, 'untilDate < "2027-01-15"', "untilDate"],
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
