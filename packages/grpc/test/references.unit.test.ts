import type { Grants } from "@keynode/auth/principal";
import { methodRules, registry } from "@keynode/contracts/descriptors";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { describe, expect, it } from "vitest";
import { type FilterReadable, namedRecords, referencePlaces } from "../src/references.ts";
import { describedMethod } from "../src/served-method.ts";
import { principal } from "./fixture.ts";

const tail = (digit: number): string => `0${String(digit).repeat(25)}`;
const [mine, hidden, deal, product] = [
  `account_${tail(1)}`,
  `account_${tail(2)}`,
  `opportunity_${tail(1)}`,
  `product_${tail(1)}`,
];
const own: Grants = { "accounts.read": "own", "opportunities.read": "team", "products.read": "all" };
const deadline = new Date(0);

/** Answers for everybody that these may be read, and remembers what it was asked. */
const readable = (...ids: readonly string[]) => {
  const asked: (readonly string[])[] = [];
  const filter: FilterReadable = async (_principal, named) => {
    asked.push(named);
    return new Set(ids.filter((id) => named.includes(id)));
  };
  return { asked, filter };
};

const named = (method: string, request: object, filter: FilterReadable, grants = own, actor = "user_1") => {
  const described = describedMethod(registry(), method);
  const rules = described && methodRules(described);
  const places = described && rules && referencePlaces(described, rules, "requests");
  if (places === undefined) throw new Error(`${method} names nothing`);
  return namedRecords(places, request, principal(grants, { actor }), deadline, filter);
};

const createContract = "crm.contract.v1.ContractService/CreateContract";
const updateOpportunity = "crm.opportunity.v1.OpportunityService/UpdateOpportunity";
const noAccount = (accountId: string, field: string): DomainError =>
  reject("ACCOUNT_NOT_FOUND", { accountId }, [{ field, reason: "ACCOUNT_NOT_FOUND" }]);

describe("a record that a command names", () => {
  it("is refused alike whether it is out of reach or not there: the owner is asked one question", async () => {
    const { filter, asked } = readable(deal);
    const refusal = await named(
      createContract,
      { contract: { accountId: hidden, opportunityId: deal } },
      filter,
    )?.refusal(undefined);
    expect(refusal).toEqual(noAccount(hidden, "contract.account_id"));
    expect(asked).toEqual([[hidden, deal]]);
  });

  it("may be named by whoever may read it", async () => {
    const { filter } = readable(mine, deal);
    const request = { contract: { accountId: mine, opportunityId: deal, lines: [{ productId: product }] } };
    expect(await named(createContract, request, filter)?.refusal(undefined)).toBeUndefined();
  });

  it("is not asked about where the right to read reaches all, nor for a service", () => {
    const { filter } = readable();
    const request = { contract: { accountId: hidden, opportunityId: deal } };
    expect(named(createContract, request, filter, { "*": "all" })).toBeUndefined();
    expect(named(createContract, request, filter, { "*": "own" }, "service:lead")).toBeUndefined();
    expect(named(createContract, { contract: { lines: [{ productId: product }] } }, filter)).toBeUndefined();
  });

  it("is refused without a question to those who may read nothing of its kind", async () => {
    const { filter, asked } = readable(mine);
    const refusal = named(createContract, { contract: { accountId: mine } }, filter, {})?.refusal(undefined);
    expect(await refusal).toMatchObject({ reason: "ACCOUNT_NOT_FOUND" });
    expect(asked).toEqual([]);
  });

  it("is named in the refusal wherever it stands, each field that is wrong", async () => {
    const { filter } = readable();
    const request = {
      contract: {
        accountId: hidden,
        lines: [{ productId: product }, { productId: `product_${tail(2)}` }],
        customFields: { broker: { reference: `contact_${tail(1)}` } },
      },
    };
    const refusal = await named(createContract, request, filter, { "*": "own" })?.refusal(undefined);
    expect(refusal?.reason).toBe("ACCOUNT_NOT_FOUND");
    expect(refusal?.violations.map(({ field, reason }) => `${field} ${reason}`).toSorted()).toEqual([
      "contract.account_id ACCOUNT_NOT_FOUND",
      "contract.custom_fields.broker.reference REFERENCE_NOT_FOUND",
      "contract.lines[0].product_id PRODUCT_NOT_FOUND",
      "contract.lines[1].product_id PRODUCT_NOT_FOUND",
    ]);
  });

  it("is nobody's business where its id is malformed or of something else", async () => {
    const { filter, asked } = readable(deal);
    const request = { contract: { accountId: deal, opportunityId: "opportunity_1" } };
    expect(await named(createContract, request, filter)?.refusal(undefined)).toMatchObject({
      reason: "ACCOUNT_NOT_FOUND",
      violations: [{ field: "contract.account_id" }, { field: "contract.opportunity_id" }],
    });
    expect(asked).toEqual([]);
  });

  it("is told of neither way while its owner is away", async () => {
    const away = reject("UPSTREAM_UNAVAILABLE", { service: "account" });
    const refusal = named(createContract, { contract: { accountId: mine } }, async () => away)?.refusal(undefined);
    expect(await refusal).toEqual(away);
  });
});

describe("an update", () => {
  it("may send back what the record names already, whoever it is seen by now", async () => {
    const { filter, asked } = readable();
    const request = { opportunity: { accountId: hidden, productIds: [product] } };
    const records = named(updateOpportunity, request, filter, { "*": "own" });
    expect(await records?.refusal({ accountId: hidden, productIds: [product] })).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await records?.refusal({ accountId: mine, productIds: [product] })).toMatchObject({
      reason: "ACCOUNT_NOT_FOUND",
    });
    expect(asked).toEqual([[hidden]]);
  });

  it("names only what its mask names", () => {
    const { filter } = readable();
    const request = { opportunity: { accountId: hidden, name: "New" }, updateMask: ["name"] };
    expect(named(updateOpportunity, request, filter)).toBeUndefined();
    expect(named(updateOpportunity, { ...request, updateMask: ["account_id"] }, filter)).toBeDefined();
    expect(named(updateOpportunity, { ...request, updateMask: ["*"] }, filter)).toBeDefined();
  });

  it("changes nothing that never changes, and may bring it along", () => {
    const { filter } = readable();
    const request = { contract: { accountId: hidden, title: "New" } };
    expect(named("crm.contract.v1.ContractService/UpdateContract", request, filter)).toBeUndefined();
  });
});

describe("a batch", () => {
  const batchCreate = "crm.opportunity.v1.OpportunityService/BatchCreateOpportunities";
  const item = (accountId: string) => ({ opportunity: { accountId, name: "100 seats" } });

  it("is asked about once, and refused item by item", async () => {
    const { filter, asked } = readable(mine);
    const records = named(batchCreate, { requests: [item(mine), item(hidden), item(mine), item("")] }, filter);
    const refusals = await Promise.all([0, 1, 2, 3].map(async (index) => await records?.refusal(undefined, index)));
    expect(refusals).toEqual([undefined, noAccount(hidden, "opportunity.account_id"), undefined, undefined]);
    expect(asked).toEqual([[mine, hidden]]);
  });
});
