import { expect } from "vitest";
import { acceptance } from "./acceptance.ts";
import { api, eventually } from "./api.ts";
import type { Account, Case, Contract, KeyNode, Opportunity, Problem, Task } from "./records.ts";
import { redeliver } from "./redeliver.ts";
import { agreeAll, convertedLead, draftContract, listAll, newAccount, sign } from "./steps.ts";

const client = api();
const open = (contract: Contract) =>
  (contract.clauses ?? []).filter(({ status }) => status === "OPEN").map(({ title }) => title);

acceptance("C-055", "a clause in round 2 that both sides accept is agreed; the open ones are listed", async () => {
  const { id: accountId } = await newAccount(client);
  const contract = await draftContract(client, { accountId }, ["payment", "delivery"]);
  const payment = contract.clauses?.find(({ title }) => title === "payment");
  const clauseId = payment?.id ?? "";
  const round2 = await client.post<Contract>(`/v1/contracts/${contract.id}:proposePosition`, {
    clauseId,
    party: "THEIRS",
    position: "60 days",
  });
  const round = round2.clauses?.find(({ id }) => id === clauseId)?.round;
  const agreed = await client.post<Contract>(`/v1/contracts/${contract.id}:acceptClause`, { clauseId, party: "OURS" });
  expect(round).toBe((payment?.round ?? 0) + 1);
  expect(agreed.clauses?.find(({ id }) => id === clauseId)).toMatchObject({ status: "AGREED", text: "60 days" });
  expect(open(agreed)).toEqual(["delivery"]);
});

acceptance("C-056", "a contract with an open clause cannot be signed, and the refusal names it", async () => {
  const { id: accountId } = await newAccount(client);
  const contract = await draftContract(client, { accountId }, ["payment", "delivery"]);
  const [payment] = contract.clauses ?? [];
  for (const party of ["OURS", "THEIRS"]) {
    await client.post(`/v1/contracts/${contract.id}:acceptClause`, { clauseId: payment?.id, party });
  }
  const signatories = [
    { name: "Chen", party: "OURS" },
    { name: "王芳", party: "THEIRS" },
  ];
  const refused = await client.send<Problem>("POST", `/v1/contracts/${contract.id}:sign`, { body: { signatories } });
  expect([refused.status, refused.body.code]).toEqual([409, "CONTRACT_CLAUSES_OPEN"]);
  expect(JSON.stringify(refused.body)).toContain("delivery");
  expect((await client.get<Contract>(`/v1/contracts/${contract.id}`)).status).not.toBe("SIGNED");
  await agreeAll(client, contract);
  expect(await sign(client, contract.id)).toMatchObject({ status: "SIGNED" });
});

acceptance(
  "C-057",
  "signing has its effects everywhere once, though its event comes twice; after the cover ends a request is out of it",
  async () => {
    const { accountId, opportunityId } = await convertedLead(client);
    const draft = await draftContract(
      client,
      {
        accountId,
        opportunityId,
        cover: { fromDate: { year: 2025, month: 1, day: 1 }, untilDate: { year: 2025, month: 12, day: 31 } },
      },
      ["payment"],
    );
    await agreeAll(client, draft);
    const contract = await sign(client, draft.id);
    const effects = async () => ({
      opportunity: await client.get<Opportunity>(`/v1/opportunities/${opportunityId}`),
      account: await client.get<Account>(`/v1/accounts/${accountId}`),
      purchases: await listAll(client, "purchases", `accountId = "${accountId}"`),
      keyNodes: await listAll<KeyNode>(client, "keyNodes", `accountId = "${accountId}" AND nodeType = PURCHASE`),
      covers: await listAll(client, "covers", `accountId = "${accountId}"`),
      tasks: await listAll<Task>(client, "tasks", `accountId = "${accountId}" AND kind = CARE`),
    });
    const once = (found: Awaited<ReturnType<typeof effects>>) => {
      expect(found.opportunity).toMatchObject({
        status: "WON",
        contractId: contract.id,
        close: { reason: "CONTRACT_SIGNED" },
      });
      expect(found.account).toMatchObject({ stage: "CLOSED_WON", purchaseCount: 1 });
      expect(found.account.stageChanges?.filter(({ to }) => to === "CLOSED_WON")).toHaveLength(1);
      expect([found.purchases, found.keyNodes, found.covers, found.tasks].map((rows) => rows.length)).toEqual([
        1, 1, 1, 1,
      ]);
    };
    await eventually(effects, once);
    const dueInDays = (Date.parse((await effects()).tasks[0]?.dueTime ?? "") - Date.now()) / 86_400_000;
    expect(Math.round(dueInDays)).toBe(3);

    await redeliver("contract", contract.id, "ContractSigned");
    await redeliver("contract", contract.id, "ContractSigned");
    // Whatever a duplicate would do, the effects of a later event come after it.
    const marker = await newAccount(client);
    await eventually(
      () => client.get<{ timelineEntries?: unknown[] }>(`/v1/accounts/${marker.id}/timeline`),
      ({ timelineEntries = [] }) => expect(timelineEntries).toHaveLength(1),
    );
    once(await effects());

    const request = (receiveTime: string) =>
      client.post<Case>("/v1/cases", {
        accountId,
        kind: "SERVICE_REQUEST",
        subject: "It stopped",
        channel: "CHAT",
        receiveTime,
      });
    expect(await request("2025-12-31T03:00:00Z")).toMatchObject({ coverStatus: "IN_COVER" });
    expect(await request("2026-01-01T03:00:00Z")).toMatchObject({ coverStatus: "OUT_OF_COVER" });
  },
);
