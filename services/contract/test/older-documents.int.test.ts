import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Contract } from "@keynode/contracts/crm/contract/v1/contract";
import { newId } from "@keynode/aggregate/type-id";
import { ContractServiceService, ListContractsRequest } from "@keynode/contracts/crm/contract/v1/contract_service";
import { ContractDeleted } from "@keynode/contracts/crm/contract/v1/contract_events";
import { JournalServiceService, ReadJournalRequest } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { BSON, type Document } from "mongodb";
import { beforeAll, describe, expect, it } from "vitest";
import { contractService } from "../src/service.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startForTest(contractService);
});

/** The contract that release 0.1.0 left behind. */
const released = (): Document => {
  const file = new URL("../../../test/fixtures/v0.1.0/contract.ejson.gz", import.meta.url);
  const rows = gunzipSync(readFileSync(file)).toString().trimEnd().split("\n");
  const parsed = rows.map((row) => BSON.EJSON.parse(row, { useBigInt64: true }) as Document);
  return parsed.find(({ collection }) => collection === "contracts")?.["document"];
};

/** What later contracts could have added: text, number, enum, list; in the record, its parts, and the parts of a list. */
const later = {
  record: ["cancelReason", "roundCount", "lines", "status"],
  signatories: ["jobTitle"],
  clauses: ["text"],
  value: ["nanos"],
} as const;

const without = (fields: Document, names: readonly string[]): Document =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** Stores the released contract as if those fields had come after it, with a clause more; answers its id. */
const storeOlder = async (id: string, number: string): Promise<string> => {
  const { state, ...document } = released();
  const { clauses, signatories, value } = state;
  const older = {
    ...without(state, later.record),
    id,
    number,
    clauses: [...clauses, { ...clauses[0], id: "c2" }].map((clause) => without(clause, later.clauses)),
    signatories: signatories.map((signatory: Document) => without(signatory, later.signatories)),
    value: without(value, later.value),
  };
  const contracts = under.db.collection<{ _id: string }>("contracts");
  await contracts.insertOne({ ...document, _id: id, tenant: under.tenant, state: older } as never);
  return id;
};

const completed = {
  cancelReason: "",
  roundCount: 0,
  lines: [],
  status: "STATUS_UNSPECIFIED",
  clauses: [
    { id: "c1", title: "Payment", text: "", status: "AGREED" },
    { id: "c2", title: "Payment", text: "", status: "AGREED" },
  ],
  signatories: [
    { name: "Chen", party: "OURS", jobTitle: "" },
    { name: "王芳", party: "THEIRS", jobTitle: "" },
  ],
  value: { currencyCode: "CNY", units: 12_000n, nanos: 0 },
} satisfies Partial<Record<keyof Contract, unknown>>;

describe("a document that was stored before fields of today's contract came to be", () => {
  it("is read by itself and in lists with those fields' defaults", async () => {
    const id = await storeOlder(newId("contract"), "C-000001");
    const client = under.client(ContractServiceService);
    expect(await client.getContract({ id })).toMatchObject(completed);
    expect(await client.getContract({ id, readMask: ["clauses.text", "status"] })).toMatchObject({
      status: "STATUS_UNSPECIFIED",
      clauses: [{ text: "" }, { text: "" }],
    });
    const { contracts } = await client.listContracts(
      ListContractsRequest.fromPartial({ filter: 'number = "C-000001"' }),
    );
    expect(contracts.filter((contract) => contract.id === id)).toMatchObject([completed]);
  });

  it("takes commands, and what it records of itself has the defaults too", async () => {
    const id = await storeOlder(newId("contract"), "C-000002");
    const deleted = await under.client(ContractServiceService).deleteContract({ id, etag: "" });
    expect(deleted).toMatchObject(completed);
    expect(deleted.deleteTime).toBeInstanceOf(Date);
    const [row] = await under.recorded(id);
    expect(row?.changed).toEqual(["deleteTime"]);
    const journal = under.client(JournalServiceService, {
      tenant: "*",
      actor: "service:platform",
      grants: { "journal.read": "all" },
    });
    const snapshots: unknown[] = [];
    for await (const { recordId, data } of journal.readJournal(
      ReadJournalRequest.fromPartial({ types: ["ContractDeleted"] }),
    ))
      if (recordId === id) snapshots.push(ContractDeleted.decode(data).snapshot);
    expect(snapshots).toMatchObject([completed]);
  });
});
