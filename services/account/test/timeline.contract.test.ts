import { newId } from "@keynode/aggregate/type-id";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountServiceService } from "@keynode/contracts/crm/account/v1/account_service";
import { ListTimelineEntriesRequest, TimelineServiceService } from "@keynode/contracts/crm/account/v1/timeline_service";
import { ContractDrafted } from "@keynode/contracts/crm/contract/v1/contract_events";
import { OpportunityOpened } from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import { CaseOpened } from "@keynode/contracts/crm/service/v1/case_events";
import type { Grants } from "@keynode/auth/principal";
import { RpcError } from "@keynode/grpc/rpc-error";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { type Keeper, keeperForTest } from "@keynode/runtime/testing-keeper";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accountService } from "../src/service.ts";

let under: ServiceUnderTest;
let opportunities: Keeper;
let [li, account] = ["", Account.fromPartial({})];
const [shown, hidden, contract, cared] = [newId("opportunity"), newId("opportunity"), newId("contract"), newId("case")];

beforeAll(async () => {
  opportunities = await keeperForTest();
  opportunities.readable.add(shown);
  // Nobody listens where contracts are said to be.
  under = await startForTest(accountService, {
    UPSTREAMS: `opportunity=${opportunities.address},contract=127.0.0.1:1,service=127.0.0.1:1`,
  });
  li = await under.user();
  account = await under.client(AccountServiceService).createAccount({
    account: Account.fromPartial({
      kind: "COMPANY",
      name: "Acme",
      origin: { kind: "CAMPAIGN", detail: "" },
      ownerId: li,
    }),
  });
  const accountId = account.id;
  const opened = {
    context: "opportunity",
    kind: "opportunity",
    type: "OpportunityOpened",
    codec: OpportunityOpened,
  } as const;
  await under.publish(
    ...[shown, hidden].map((recordId) =>
      under.event({
        ...opened,
        recordId,
        message: OpportunityOpened.fromPartial({ snapshot: { id: recordId, accountId } }),
      }),
    ),
    under.event({
      context: "contract",
      kind: "contract",
      type: "ContractDrafted",
      recordId: contract,
      codec: ContractDrafted,
      message: ContractDrafted.fromPartial({ snapshot: { id: contract, accountId } }),
    }),
    under.event({
      context: "service",
      kind: "case",
      type: "CaseOpened",
      recordId: cared,
      codec: CaseOpened,
      message: CaseOpened.fromPartial({ snapshot: { id: cared, accountId } }),
    }),
  );
  await under.service.drained();
  await under.service.caughtUp();
});

afterAll(() => opportunities.close());

const timelineOf = async (actor: string, grants: Grants) => {
  opportunities.asked.length = 0;
  const { timelineEntries, unreachable } = await under
    .client(TimelineServiceService, { actor, session: newId("session"), teams: [], grants })
    .listTimelineEntries(ListTimelineEntriesRequest.fromPartial({ accountId: account.id }));
  return { ids: timelineEntries.map(({ recordId }) => recordId).toSorted(), unreachable };
};

it("is only shown to who sees the account, in both languages", async () => {
  const request = ListTimelineEntriesRequest.fromPartial({ accountId: account.id });
  const stranger = under.client(TimelineServiceService, { actor: newId("user"), teams: [], grants: { "*": "own" } });
  await expect(stranger.listTimelineEntries(request)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(stranger.listTimelineEntries(request)).rejects.toBeInstanceOf(RpcError);
  const { timelineEntries } = await under.client(TimelineServiceService).listTimelineEntries(request);
  expect(timelineEntries.find(({ eventType }) => eventType === "AccountCreated")?.summary).toMatchObject({
    en: "Entered as a customer.",
    zh: "客户已录入。",
  });
});

it("tells everything to who reads everything, and asks nobody", async () => {
  expect(await timelineOf(li, { "*": "all" })).toEqual({
    ids: [account.id, shown, hidden, contract, cared].toSorted(),
    unreachable: [],
  });
  expect(opportunities.asked).toEqual([]);
});

it("tells nothing of records that its reader may not read, nor of kinds that are none of theirs", async () => {
  expect(await timelineOf(li, { "accounts.read": "own", "opportunities.read": "own" })).toEqual({
    ids: [account.id, shown].toSorted(),
    unreachable: [],
  });
  expect(opportunities.asked.map(({ recordIds }) => recordIds.toSorted())).toEqual([[shown, hidden].toSorted()]);
  expect(await timelineOf(li, { "accounts.read": "own" })).toEqual({ ids: [account.id], unreachable: [] });
});

it("leaves out what a service keeps that does not answer, and says which", async () => {
  const grants: Grants = { "accounts.read": "own", "opportunities.read": "own", "contracts.read": "team" };
  expect(await timelineOf(li, grants)).toEqual({
    ids: [account.id, shown].toSorted(),
    unreachable: ["contract"],
  });
});
