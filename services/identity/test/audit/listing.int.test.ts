import { newId } from "@keynode/aggregate/type-id";
import { isDomainError } from "@keynode/decider/domain-error";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, it } from "vitest";
import { auditEntryListing } from "../../src/audit/api/audit-entry-list.ts";
import { type EntryFacts, entryDigest, type StoredEntry } from "../../src/audit/entry.ts";
import { identityService } from "../../src/service.ts";
import { required, stranger } from "../start.ts";

let under: ServiceUnderTest;
const { tenant } = stranger();
const span = 'time > "2026-01-01T00:00:00Z" AND time < "2026-01-02T00:00:00Z"';

beforeAll(async () => {
  under = await startForTest(identityService, required);
  const entries = under.db.collection<StoredEntry>("auditEntries");
  await entries.insertMany(Array.from({ length: 10_000 }, (_, index) => entry(index)));
});

const entry = (index: number): StoredEntry => {
  const at = new Date(Date.UTC(2026, 0, 1) + index * 10_000);
  const facts: EntryFacts = {
    _id: newId("access"),
    tenant,
    service: index % 2 === 0 ? "lead" : "account",
    kind: index % 10 === 0 ? "READ" : "CHANGE",
    action: `Action${index % 20}`,
    collection: "leads",
    recordIds: [`lead_${index % 500}`],
    recordCount: 1,
    version: 1,
    fields: [],
    actor: `user_${index % 50}`,
    at,
    recordedAt: at,
    causedBy: "",
    requestId: "",
    sessionId: "",
    agent: "",
    refusal: "",
    occurrences: 1,
  };
  return { ...facts, digest: entryDigest(facts) };
};

describe("the audit trail's list", () => {
  it.each([
    "",
    'actor = "user_7"',
    'recordIds:"lead_9"',
    'collection = "leads"',
    'action = "Action3"',
    "kind = READ",
    span,
    `actor = "user_7" AND ${span}`,
    `recordIds:"lead_9" AND ${span}`,
    `kind = READ AND service = "lead"`,
    `recordIds:"lead_9" AND kind = READ`,
  ])("is served in order by an index: %s", async (filter) => {
    for (const orderBy of ["", "time"]) {
      const plan = planList(auditEntryListing, { tenant, visibility: { kind: "all" }, filter, orderBy });
      if (isDomainError(plan)) throw new Error(`${filter}: ${plan.reason}`);
      await assertServed(under.db.collection<StoredEntry>("auditEntries"), plan);
    }
  });
});
