import { newId } from "@keynode/aggregate/type-id";
import { Case } from "@keynode/contracts/crm/service/v1/case";
import {
  AssignCaseRequest,
  BatchCreateCasesRequest,
  CaseServiceService,
  ListCasesRequest,
} from "@keynode/contracts/crm/service/v1/case_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { refusal } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { serviceService } from "../src/service.ts";
import { foreign } from "./foreign.ts";

let under: ServiceUnderTest;
let cases: GrpcClient<typeof CaseServiceService>;
const accountId = newId("account");
const li = newId("user");

beforeAll(async () => {
  under = await startForTest(serviceService);
  cases = under.client(CaseServiceService);
  const { accountCreated, userCreated } = foreign(under);
  await under.publish(accountCreated(accountId), userCreated({ id: li, teamIds: [newId("team")] }));
});

const open = (partial: Partial<Case> = {}, client = cases) =>
  client.createCase({
    case: Case.fromPartial({ accountId, subject: "The printer is silent", channel: "CHAT", ...partial }),
  });
const assign = (id: string, assigneeId: string) => cases.assignCase(AssignCaseRequest.fromPartial({ id, assigneeId }));
describe("a request (C-060)", () => {
  it("is answered with a number, and is read back as it was answered", async () => {
    const first = await open();
    const second = await open();
    expect(first).toMatchObject({ kind: "SERVICE_REQUEST", urgency: "NORMAL", coverStatus: "OUT_OF_COVER", etag: "1" });
    expect(first.acknowledgeTime).toEqual(first.createTime);
    expect(first.number).toMatch(/^CS-\d{6}$/);
    expect(second.number > first.number).toBe(true);
    expect(await cases.getCase({ id: first.id })).toMatchObject({ number: first.number });
  });
  it("is found by its number and by its customer", async () => {
    const { id, number } = await open();
    for (const filter of [`number = "${number}"`, `accountId = "${accountId}" AND channel = CHAT`]) {
      const { cases: rows } = await cases.listCases(ListCasesRequest.fromPartial({ filter, pageSize: 1 }));
      expect(rows.map((row) => row.id)).toEqual([id]);
    }
  });
  it("is refused naming every required field that is empty", async () => {
    const empty = open({ accountId: "", subject: "", channel: "CHANNEL_UNSPECIFIED" });
    expect(await refusal(empty)).toMatchObject({
      code: "INVALID_ARGUMENT",
      fields: ["case.account_id", "case.subject", "case.channel"],
    });
  });
  it("is refused when it names a record that is not there", async () => {
    const stranger = newId("account");
    const refused = [
      open({ accountId: stranger }),
      open({ contactId: newId("contact") }),
      open({ productId: newId("product") }),
      open({ assigneeId: newId("user") }),
    ].map(refusal);
    expect(await Promise.all(refused)).toMatchObject([
      { code: "FAILED_PRECONDITION", reason: "ACCOUNT_NOT_FOUND", metadata: { accountId: stranger } },
      { reason: "CONTACT_NOT_FOUND" },
      { reason: "PRODUCT_NOT_FOUND" },
      { reason: "ASSIGNEE_NOT_FOUND" },
    ]);
  });
  it("is not refused when what it names was made a moment ago", async () => {
    const { accountCreated, contactCreated, productCreated } = foreign(under);
    const named = { accountId: newId("account"), contactId: newId("contact"), productId: newId("product") };
    const opening = open(named);
    await under.publish(
      accountCreated(named.accountId),
      contactCreated(named.contactId),
      productCreated(named.productId),
    );
    expect(await opening).toMatchObject(named);
  });
  it("cannot bring its own number, status or cover", async () => {
    const made = await open({ number: "CS-999999", status: "CLOSED", coverStatus: "IN_COVER", reopenCount: 7 });
    expect(made).toMatchObject({ status: "OPEN", coverStatus: "OUT_OF_COVER", reopenCount: 0 });
    expect(made.number).not.toBe("CS-999999");
  });
  it("takes one number when it is sent twice under one key", async () => {
    const request = { case: Case.fromPartial({ accountId, subject: "Twice", channel: "WEB" }) };
    const idempotencyKey = newId("key");
    const [first, second] = [
      await cases.createCase(request, { idempotencyKey }),
      await cases.createCase(request, { idempotencyKey }),
    ];
    expect(second).toEqual(first);
  });
  it("is accepted or refused on its own in a batch", async () => {
    const of = (id: string) => ({ case: Case.fromPartial({ accountId: id, subject: "Batch", channel: "EMAIL" }) });
    const { results } = await cases.batchCreateCases(
      BatchCreateCasesRequest.fromPartial({ requests: [of(accountId), of(newId("account"))] }),
    );
    expect(results.map((result) => result.case?.accountId)).toEqual([accountId, undefined]);
    expect(results.map(({ status }) => status?.code)).toEqual([0, 9]);
  });
});

describe("a case's way (C-061)", () => {
  it("leads from the assignment over the solution and back, with every step in its history", async () => {
    const { id } = await open();
    expect((await refusal(cases.solveCase({ id, etag: "", solution: "?" }))).reason).toBe("CASE_NOT_ASSIGNED");
    await assign(id, li);
    await cases.solveCase({ id, etag: "", solution: "New cable" });
    await cases.reopenCase({ id, etag: "", note: "still broken" });
    await cases.solveCase({ id, etag: "", solution: "New printer" });
    const confirmed = await cases.confirmCase({ id, etag: "", note: "works" });
    expect(confirmed).toMatchObject({ status: "CONFIRMED", reopenCount: 1, solution: "New printer", assigneeId: li });
    expect(confirmed.history.map(({ status }) => status)).toEqual([
      "OPEN",
      "ASSIGNED",
      "SOLVED",
      "REOPENED",
      "SOLVED",
      "CONFIRMED",
    ]);
    expect((await refusal(cases.closeCase({ id, etag: "", note: "x" }))).reason).toBe("CASE_CONFIRMED");
    expect((await refusal(assign(id, under.admin.actor))).reason).toBe("CASE_CLOSED");
  });
  it("is refused where it was left by another meanwhile", async () => {
    const { id, etag } = await open({ assigneeId: li });
    await cases.solveCase({ id, etag, solution: "New cable" });
    expect((await refusal(cases.closeCase({ id, etag, note: "late" }))).reason).toBe("ETAG_MISMATCH");
  });
  it("may be corrected until it ends", async () => {
    const { id } = await open();
    const update = (subject: string) =>
      cases.updateCase({ case: Case.fromPartial({ id, subject }), updateMask: ["subject"] });
    expect(await update("Silent again")).toMatchObject({ subject: "Silent again" });
    await cases.closeCase({ id, etag: "", note: "withdrawn" });
    expect((await refusal(update("Too late"))).reason).toBe("CASE_CLOSED");
  });
  it("is its assignee's to see, and nobody else's", async () => {
    const { id } = await open({ assigneeId: li });
    const own = { teams: [], grants: { "cases.*": "own" as const } };
    expect((await under.client(CaseServiceService, { ...own, actor: li }).getCase({ id })).id).toBe(id);
    const stranger = under.client(CaseServiceService, { ...own, actor: newId("user") });
    expect((await refusal(stranger.getCase({ id }))).code).toBe("NOT_FOUND");
    const foreigner = under.client(CaseServiceService, { tenant: newId("tenant") });
    expect((await refusal(foreigner.getCase({ id }))).code).toBe("NOT_FOUND");
  });
});
