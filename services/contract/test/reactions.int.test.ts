import { Contract, type Contract_Party } from "@keynode/contracts/crm/contract/v1/contract";
import {
  ContractClauseAccepted,
  ContractPositionProposed,
  ContractSigned,
} from "@keynode/contracts/crm/contract/v1/contract_events";
import {
  AcceptClauseRequest,
  ContractServiceService,
  SignContractRequest,
} from "@keynode/contracts/crm/contract/v1/contract_service";
import { ListPurchasesRequest, PurchaseServiceService } from "@keynode/contracts/crm/contract/v1/purchase_service";
import { ListRoundsRequest, RoundServiceService } from "@keynode/contracts/crm/contract/v1/round_service";
import type { MessageCodec, Recorded } from "@keynode/messaging/recorded";
import type { GrpcClient } from "@keynode/grpc/client";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { contractService } from "../src/service.ts";
import { foreign } from "./foreign.ts";

let under: ServiceUnderTest;
let contracts: GrpcClient<typeof ContractServiceService>;
let purchases: GrpcClient<typeof PurchaseServiceService>;
let rounds: GrpcClient<typeof RoundServiceService>;
let accountId: string;

beforeAll(async () => {
  under = await startForTest(contractService);
  contracts = under.client(ContractServiceService);
  purchases = under.client(PurchaseServiceService);
  rounds = under.client(RoundServiceService);
  const account = foreign(under).accountCreated();
  await under.publish(account);
  accountId = account.recordId;
});

const usd = (units: bigint) => ({ currencyCode: "USD", units, nanos: 0 });
const draft = () =>
  contracts.createContract({
    contract: Contract.fromPartial({
      title: "Printers 2026",
      accountId,
      value: usd(88n),
      clauses: [{ title: "Payment", text: "30 days" }],
    }),
  });
const accept = (id: string, party: Contract_Party) =>
  contracts.acceptClause(AcceptClauseRequest.fromPartial({ id, clauseId: "c1", party }));
const propose = (id: string, party: Contract_Party, position: string) =>
  contracts.proposePosition({ id, etag: "", clauseId: "c1", party, position });
const signed = async () => {
  const { id } = await draft();
  await accept(id, "OURS");
  await accept(id, "THEIRS");
  await contracts.signContract(
    SignContractRequest.fromPartial({
      id,
      signatories: [
        { name: "李雷", party: "OURS" },
        { name: "W. Fang", party: "THEIRS" },
      ],
      signedDate: { year: 2026, month: 2, day: 28 },
    }),
  );
  return id;
};
/** Everything that this service recorded is on the bus and its own reactions have run. */
const settle = async () => {
  await under.service.drained();
  await under.service.caughtUp();
  await under.service.drained();
};
/** What the service itself recorded about a record, delivered once more. */
const redeliver = async (recordId: string, type: string, codec: MessageCodec<object>, times: number) => {
  const rows = (await under.recorded(recordId)).filter((row) => row.type === type);
  const events = rows.map((row): Recorded => {
    const message = codec.decode(row.data.buffer);
    const { _id: id, version, index, count, at } = row;
    return under.event({ context: "contract", type, codec, message, recordId, id, version, index, count, at });
  });
  await under.publish(...Array.from({ length: times }, () => events).flat());
};
const purchasesOf = async (contractId: string) =>
  (await purchases.listPurchases(ListPurchasesRequest.fromPartial({ filter: `contractId = "${contractId}"` })))
    .purchases;
const roundsOf = async (contractId: string) => {
  const filter = `contractId = "${contractId}" AND clauseId = "c1"`;
  return (await rounds.listRounds(ListRoundsRequest.fromPartial({ filter, orderBy: "number" }))).rounds;
};

describe("a signature (C-057)", () => {
  it("is one purchase, at the contract's value and date", async () => {
    const id = await signed();
    await settle();
    const [purchase, ...others] = await purchasesOf(id);
    expect(others).toEqual([]);
    expect(purchase).toMatchObject({
      accountId,
      contractId: id,
      amount: usd(88n),
      purchaseDate: { year: 2026, month: 2, day: 28 },
      ownerId: under.admin.actor,
    });
    const [recorded] = await under.recorded(purchase?.id ?? "");
    expect(recorded).toMatchObject({ type: "PurchaseRecorded", actor: "service:contract" });
  });
  it("delivered again, early or a month late, records nothing twice, not even what was deleted since", async () => {
    const id = await signed();
    await settle();
    await redeliver(id, "ContractSigned", ContractSigned, 3);
    const [purchase] = await purchasesOf(id);
    expect(await purchasesOf(id)).toHaveLength(1);
    await purchases.deletePurchase({ id: purchase?.id ?? "", etag: "" });
    await redeliver(id, "ContractSigned", ContractSigned, 1);
    expect(await purchasesOf(id)).toEqual([]);
  });
});

describe("the rounds of a negotiation (C-055)", () => {
  it("are kept one by one, with who accepted them", async () => {
    const { id } = await draft();
    await propose(id, "THEIRS", "60 days");
    await propose(id, "OURS", "45 days");
    await accept(id, "THEIRS");
    await settle();
    const kept = await roundsOf(id);
    expect(kept.map(({ number, party, position, agreed }) => [number, party, position, agreed])).toEqual([
      [1, "THEIRS", "60 days", false],
      [2, "OURS", "45 days", true],
    ]);
    expect(kept[1]).toMatchObject({
      acceptedBy: ["OURS", "THEIRS"],
      clauseTitle: "Payment",
      proposedBy: under.admin.actor,
      ownerId: under.admin.actor,
    });
    expect(await rounds.getRound({ id: kept[0]?.id ?? "" })).toEqual(kept[0]);
  });
  it("are not kept twice, however often their events come", async () => {
    const { id } = await draft();
    await propose(id, "THEIRS", "60 days");
    await accept(id, "OURS");
    await settle();
    const before = await roundsOf(id);
    await redeliver(id, "ContractClauseAccepted", ContractClauseAccepted, 2);
    await redeliver(id, "ContractPositionProposed", ContractPositionProposed, 2);
    expect(await roundsOf(id)).toEqual(before);
  });
  it("begin though the acceptance is told first", async () => {
    const { id } = await draft();
    const event = (type: string, codec: MessageCodec<object>, message: object) =>
      under.event({ context: "contract", type, codec, message, recordId: id });
    const round = { clauseId: "c1", round: 7 };
    await under.publish(
      event("ContractClauseAccepted", ContractClauseAccepted, { ...round, party: "OURS" }),
      event("ContractPositionProposed", ContractPositionProposed, {
        ...round,
        party: "THEIRS",
        position: "90 days",
        proposedBy: "user_x",
      }),
    );
    expect(await roundsOf(id)).toMatchObject([{ number: 7, agreed: true }]);
  });
  it("go with their contract to its new owner", async () => {
    const { id } = await draft();
    await propose(id, "THEIRS", "60 days");
    const zhao = await under.user();
    await contracts.reassignContract({ id, etag: "", ownerId: zhao, teamId: "" });
    await propose(id, "OURS", "45 days");
    await settle();
    expect((await roundsOf(id)).map(({ ownerId }) => ownerId)).toEqual([zhao, zhao]);
    const own = { actor: zhao, teams: [], grants: { "rounds.*": "own" as const } };
    const seen = await under.client(RoundServiceService, own).listRounds(ListRoundsRequest.fromPartial({}));
    expect(seen.rounds).toHaveLength(2);
  });
  it("are none for the draft's own wording", async () => {
    const { id } = await draft();
    await accept(id, "OURS");
    await settle();
    expect(await roundsOf(id)).toEqual([]);
    expect(await under.db.collection("deadLetters").countDocuments()).toBe(0);
  });
});
