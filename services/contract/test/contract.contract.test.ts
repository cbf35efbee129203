import { newId } from "@keynode/aggregate/type-id";
import { Contract, type Contract_Party } from "@keynode/contracts/crm/contract/v1/contract";
import {
  AcceptClauseRequest,
  ContractServiceService,
  ListContractsRequest,
  SignContractRequest,
} from "@keynode/contracts/crm/contract/v1/contract_service";
import { Product } from "@keynode/contracts/crm/contract/v1/product";
import { ProductServiceService } from "@keynode/contracts/crm/contract/v1/product_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { contractService } from "../src/service.ts";
import { foreign } from "./foreign.ts";
import { refusal } from "@keynode/runtime/testing-refusal";

let under: ServiceUnderTest;
let contracts: GrpcClient<typeof ContractServiceService>;
let accountId: string;
let opportunityId: string;
let productId: string;

beforeAll(async () => {
  under = await startForTest(contractService);
  contracts = under.client(ContractServiceService);
  const [account, opportunity] = [foreign(under).accountCreated(), foreign(under).opportunityOpened()];
  await under.publish(account, opportunity);
  accountId = account.recordId;
  opportunityId = opportunity.recordId;
  const product = Product.fromPartial({ name: "GTX Pro" });
  productId = (await under.client(ProductServiceService).createProduct({ product })).id;
});

const usd = (units: bigint) => ({ currencyCode: "USD", units, nanos: 0 });
const line = (quantity: number) => ({ productId, quantity, unitPrice: usd(50n) });
const clause = (title: string) => ({ title, text: `${title} as usual` });
const draft = (partial: Parameters<typeof Contract.fromPartial>[0] = {}, client = contracts) =>
  client.createContract({
    contract: Contract.fromPartial({
      title: "Printers 2026",
      accountId,
      opportunityId,
      clauses: [clause("Payment"), clause("Delivery")],
      lines: [line(2)],
      ...partial,
    }),
  });
const accept = (id: string, clauseId: string, party: Contract_Party, round?: number) =>
  contracts.acceptClause(AcceptClauseRequest.fromPartial({ id, clauseId, party, round }));
const propose = (id: string, clauseId: string, party: Contract_Party, position: string) =>
  contracts.proposePosition({ id, etag: "", clauseId, party, position });
const agreeOn = async (id: string, ...clauseIds: string[]) => {
  for (const clauseId of clauseIds) {
    await accept(id, clauseId, "OURS");
    await accept(id, clauseId, "THEIRS");
  }
};
const sign = (id: string, more: Parameters<typeof SignContractRequest.fromPartial>[0] = {}, key?: string) =>
  contracts.signContract(
    SignContractRequest.fromPartial({
      id,
      signatories: [
        { name: "李雷", party: "OURS" },
        { name: "W. Fang", party: "THEIRS" },
      ],
      ...more,
    }),
    key === undefined ? {} : { idempotencyKey: key },
  );

describe("a draft (C-055)", () => {
  it("is read back as it was answered, worth the sum of its lines", async () => {
    const contract = await draft({
      cover: { fromDate: { year: 2026, month: 3, day: 1 }, untilDate: { year: 2026, month: 12, day: 31 } },
    });
    expect(contract).toMatchObject({ status: "DRAFT", value: usd(100n), ownerId: under.admin.actor, etag: "1" });
    expect(contract.clauses.map(({ id, title, status }) => [id, title, status])).toEqual([
      ["c1", "Payment", "OPEN"],
      ["c2", "Delivery", "OPEN"],
    ]);
    expect(await contracts.getContract({ id: contract.id })).toEqual(contract);
  });
  it("has a number of its own in the tenant, however many are made at once", async () => {
    const elsewhere = { tenant: newId("tenant"), actor: newId("user") };
    const client = under.client(ContractServiceService, elsewhere);
    const account = { ...foreign(under).accountCreated(), tenant: elsewhere.tenant };
    await under.publish(account);
    const plain = { accountId: account.recordId, opportunityId: "", lines: [], value: usd(1n) };
    const numbers = (await Promise.all(Array.from({ length: 12 }, () => draft(plain, client)))).map(
      ({ number }) => number,
    );
    expect(numbers.toSorted()).toEqual(
      Array.from({ length: 12 }, (_, index) => `C-${String(index + 1).padStart(6, "0")}`),
    );
  });
  it("sent twice under one key takes one number", async () => {
    const contract = Contract.fromPartial({ title: "Once", accountId, value: usd(1n) });
    const first = await contracts.createContract({ contract }, { idempotencyKey: "draft-1" });
    expect(await contracts.createContract({ contract }, { idempotencyKey: "draft-1" })).toEqual(first);
  });
  it("is refused for records that are not there, or are another tenant's", async () => {
    const missing = { accountId: newId("account"), opportunityId: newId("opportunity"), productId: newId("product") };
    const stranger = under.client(ContractServiceService, { tenant: newId("tenant"), actor: newId("user") });
    // Each waits a while for what may just have been made: side by side.
    const refusals = [
      draft({ accountId: missing.accountId }),
      draft({ opportunityId: missing.opportunityId }),
      draft({ lines: [{ productId: missing.productId, quantity: 1, unitPrice: usd(1n) }] }),
      draft({}, stranger),
    ].map(refusal);
    expect(await Promise.all(refusals)).toMatchObject([
      { reason: "ACCOUNT_NOT_FOUND", metadata: { accountId: missing.accountId } },
      { reason: "OPPORTUNITY_NOT_FOUND" },
      { reason: "PRODUCT_NOT_FOUND", metadata: { productId: missing.productId } },
      { reason: "ACCOUNT_NOT_FOUND" },
    ]);
  });
  it("is refused for a product or an account that was deleted", async () => {
    const products = under.client(ProductServiceService);
    const { id } = await products.createProduct({ product: Product.fromPartial({ name: "Old" }) });
    await products.deleteProduct({ id, etag: "" });
    const old = [{ productId: id, quantity: 1, unitPrice: usd(1n) }];
    expect((await refusal(draft({ lines: old }))).reason).toBe("PRODUCT_NOT_FOUND");
    const account = foreign(under).accountCreated();
    await under.publish(account, foreign(under).accountDeleted(account.recordId));
    expect((await refusal(draft({ accountId: account.recordId }))).reason).toBe("ACCOUNT_NOT_FOUND");
  });
  it("is refused for a lost deal", async () => {
    const opened = foreign(under).opportunityOpened();
    await under.publish(foreign(under).opportunityLost(opened.recordId), opened);
    expect(await refusal(draft({ opportunityId: opened.recordId }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "OPPORTUNITY_CLOSED",
    });
  });
  it("waits for a deal that was opened a moment ago", async () => {
    const opened = foreign(under).opportunityOpened();
    const [contract] = await Promise.all([draft({ opportunityId: opened.recordId }), under.publish(opened)]);
    expect(contract.opportunityId).toBe(opened.recordId);
  });
  it("names everything that is missing or wrong in it", async () => {
    const cover = { fromDate: { year: 2026, month: 3, day: 2 }, untilDate: { year: 2026, month: 3, day: 1 } };
    expect((await refusal(draft({ cover }))).reason).toBe("COVER_INVALID");
    const unpriced = { clauses: [{ title: "Payment", text: "" }], lines: [{ productId, quantity: 1 }] };
    expect((await refusal(draft(unpriced))).fields).toEqual([
      "contract.clauses[0].text",
      "contract.lines[0].unit_price",
    ]);
    expect((await refusal(draft({ title: "", accountId: "" }))).fields).toEqual([
      "contract.account_id",
      "contract.title",
    ]);
  });
});

describe("a negotiation (C-055)", () => {
  it("is agreed clause by clause, and the open ones are listed", async () => {
    const { id } = await draft();
    await propose(id, "c1", "THEIRS", "60 days");
    await propose(id, "c1", "OURS", "45 days");
    const contract = await accept(id, "c1", "THEIRS", 2);
    expect(contract).toMatchObject({ status: "NEGOTIATING", roundCount: 2 });
    expect(contract.clauses.map(({ title, status, agreedRound }) => [title, status, agreedRound])).toEqual([
      ["Payment", "AGREED", 2],
      ["Delivery", "OPEN", undefined],
    ]);
  });
  it("takes an acceptance only for the wording it names", async () => {
    const { id } = await draft();
    await propose(id, "c1", "THEIRS", "60 days");
    expect(await refusal(accept(id, "c1", "OURS", 0))).toMatchObject({
      reason: "ROUND_PASSED",
      metadata: { round: "1" },
    });
    expect((await refusal(accept(id, "c9", "OURS"))).code).toBe("NOT_FOUND");
  });
  it("of two sides at once loses neither's acceptance", async () => {
    const { id } = await draft();
    await Promise.all([accept(id, "c1", "OURS"), accept(id, "c1", "THEIRS"), accept(id, "c2", "OURS")]);
    const [payment, delivery] = (await contracts.getContract({ id })).clauses;
    expect(payment?.status).toBe("AGREED");
    expect(delivery?.acceptedBy).toEqual(["OURS"]);
  });
  it("adds and takes out clauses", async () => {
    const { id } = await draft();
    await contracts.removeClause({ id, etag: "", clauseId: "c2" });
    const contract = await contracts.addClause({ id, etag: "", title: "Warranty", text: "two years" });
    expect(contract.clauses.map(({ id: clauseId }) => clauseId)).toEqual(["c1", "c3"]);
  });
});

describe("a signature (C-056)", () => {
  it("is refused naming the open clause", async () => {
    const { id } = await draft();
    await agreeOn(id, "c1");
    expect(await refusal(sign(id))).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "CONTRACT_CLAUSES_OPEN",
      metadata: { clauses: "Delivery" },
    });
    expect((await contracts.getContract({ id })).status).toBe("NEGOTIATING");
  });
  it("is given once, and settles the contract", async () => {
    const { id } = await draft();
    await agreeOn(id, "c1", "c2");
    const signed = await sign(id, { signedDate: { year: 2026, month: 2, day: 28 } }, "sign-1");
    expect(signed).toMatchObject({ status: "SIGNED", signedDate: { year: 2026, month: 2, day: 28 } });
    expect(await sign(id, { signedDate: { year: 2026, month: 2, day: 28 } }, "sign-1")).toEqual(signed);
    expect((await sign(id)).etag).toBe(signed.etag);
    const types = (await under.recorded(id)).map(({ type }) => type);
    expect(types.filter((type) => type === "ContractSigned")).toHaveLength(1);
    expect((await refusal(contracts.deleteContract({ id, etag: "" }))).reason).toBe("CONTRACT_SIGNED");
    expect((await refusal(propose(id, "c1", "OURS", "x"))).reason).toBe("CONTRACT_SIGNED");
  });
  it("needs both sides", async () => {
    const { id } = await draft();
    await agreeOn(id, "c1", "c2");
    const ours = [1, 2].map((each) => ({ name: `L${each}`, party: "OURS" as const }));
    expect(await refusal(sign(id, { signatories: ours }))).toMatchObject({
      reason: "SIGNATORY_MISSING",
      metadata: { party: "THEIRS" },
    });
  });
  it("under an etag that has passed is refused", async () => {
    const { id, etag } = await draft();
    await agreeOn(id, "c1", "c2");
    expect((await refusal(sign(id, { etag }))).reason).toBe("ETAG_MISMATCH");
  });
  it("needs its own permission, and cannot reach another tenant's contract", async () => {
    const { id } = await draft();
    await agreeOn(id, "c1", "c2");
    const request = SignContractRequest.fromPartial({
      id,
      signatories: [
        { name: "a", party: "OURS" },
        { name: "b", party: "THEIRS" },
      ],
    });
    const clerk = { actor: newId("user"), grants: { "contracts.update": "all" as const } };
    expect((await refusal(under.client(ContractServiceService, clerk).signContract(request))).code).toBe(
      "PERMISSION_DENIED",
    );
    const stranger = { tenant: newId("tenant"), actor: newId("user") };
    expect((await refusal(under.client(ContractServiceService, stranger).signContract(request))).code).toBe(
      "NOT_FOUND",
    );
  });
});

describe("a correction", () => {
  it("of the lines carries their sum along", async () => {
    const { id } = await draft();
    const patch = Contract.fromPartial({ id, lines: [line(3)] });
    expect((await contracts.updateContract({ contract: patch, updateMask: ["lines"] })).value).toEqual(usd(150n));
  });
  it("cannot reach what is fixed", async () => {
    const { id } = await draft();
    const patch = Contract.fromPartial({ id, accountId, status: "SIGNED" });
    const change = contracts.updateContract({ contract: patch, updateMask: ["account_id", "status"] });
    expect((await refusal(change)).fields).toEqual(["account_id", "status"]);
  });
});

describe("a list", () => {
  it("is filtered by deal and by status", async () => {
    const opened = foreign(under).opportunityOpened();
    await under.publish(opened);
    const { id } = await draft({ opportunityId: opened.recordId });
    const other = await draft({ opportunityId: opened.recordId });
    await contracts.cancelContract({ id: other.id, etag: "", reason: "no deal" });
    const listed = async (filter: string) =>
      (await contracts.listContracts(ListContractsRequest.fromPartial({ filter }))).contracts.map((each) => each.id);
    expect(await listed(`opportunityId = "${opened.recordId}"`)).toEqual([other.id, id]);
    expect(await listed(`opportunityId = "${opened.recordId}" AND status = CANCELLED`)).toEqual([other.id]);
  });
});
