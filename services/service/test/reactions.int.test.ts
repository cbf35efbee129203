import { newId } from "@keynode/aggregate/type-id";
import { Case } from "@keynode/contracts/crm/service/v1/case";
import { CaseServiceService } from "@keynode/contracts/crm/service/v1/case_service";
import { CoverServiceService, ListCoversRequest } from "@keynode/contracts/crm/service/v1/cover_service";
import type { Recorded } from "@keynode/messaging/recorded";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { serviceAgentRoleId } from "../src/projections/user.ts";
import { serviceService } from "../src/service.ts";
import { foreign } from "./foreign.ts";

/** What a caller differs in from the default one. */
type Caller = Partial<ServiceUnderTest["admin"]>;

let under: ServiceUnderTest;
let events: ReturnType<typeof foreign>;

beforeAll(async () => {
  under = await startForTest(serviceService);
  events = foreign(under);
});

const open = (accountId: string, partial: Partial<Case> = {}, principal: Caller = {}) =>
  under
    .client(CaseServiceService, principal)
    .createCase({ case: Case.fromPartial({ accountId, subject: "Silent", channel: "PHONE", ...partial }) });
const caseOf = async (id: string) => {
  await under.service.drained();
  await under.service.caughtUp();
  return await under.client(CaseServiceService).getCase({ id });
};
const coversOf = async (accountId: string, principal: Caller = {}) =>
  (
    await under
      .client(CoverServiceService, principal)
      .listCovers(ListCoversRequest.fromPartial({ filter: `accountId = "${accountId}"` }))
  ).covers;
const knownAccount = async (ownerId = ""): Promise<string> => {
  const accountId = newId("account");
  await under.publish(events.accountCreated(accountId, ownerId));
  return accountId;
};
const deadLetters = () => under.db.collection("deadLetters").countDocuments();

/** Noon in Shanghai. */
const noonOf = (day: string) => new Date(`${day}T04:00:00Z`);

describe("a signed contract (C-057)", () => {
  const of2025 = (accountId: string) => ({ accountId, from: "2025-01-01", until: "2025-12-31" });

  it("is a cover even where it was copied before a field of today's covers came to be", async () => {
    const accountId = await knownAccount();
    await under.publish(events.contractSigned(of2025(accountId)));
    const rows = under.db.collection("covers_covers_g1");
    await rows.updateOne({ tenant: under.tenant, accountId }, { $unset: { contractNumber: "", "fromDate.year": "" } });
    expect(await coversOf(accountId)).toMatchObject([
      { accountId, contractNumber: "", fromDate: { year: 0, month: 1 } },
    ]);
  });

  it("is one cover until its last day, however often it is heard of", async () => {
    const accountId = await knownAccount();
    const signed = events.contractSigned(of2025(accountId));
    await under.publish(signed, signed);
    await under.publish({ ...signed, id: newId("event") });
    expect(await coversOf(accountId)).toMatchObject([
      {
        accountId,
        contractId: signed.recordId,
        contractNumber: "CT-000001",
        ownerId: under.admin.actor,
        fromDate: {
          year: 2025,
          month: 1,
          day: 1,
        },
        untilDate: {
          year: 2025,
          month: 12,
          day: 31,
        },
      },
    ]);
    expect(await open(accountId, { receiveTime: noonOf("2025-12-31") })).toMatchObject({
      coverStatus: "IN_COVER",
      coverContractId: signed.recordId,
    });
    expect(await open(accountId, { receiveTime: noonOf("2026-01-01") })).toMatchObject({
      coverStatus: "OUT_OF_COVER",
      coverContractId: "",
    });
    expect(await deadLetters()).toBe(0);
  });
  it("covers a request of its time that came before it was heard of, and no other, once", async () => {
    const accountId = await knownAccount();
    const within = await open(accountId, { receiveTime: noonOf("2025-05-01") });
    const after = await open(accountId, { receiveTime: noonOf("2026-01-01") });
    const othersCase = await open(await knownAccount(), { receiveTime: noonOf("2025-05-01") });
    expect(within.coverStatus).toBe("OUT_OF_COVER");
    const signed = events.contractSigned(of2025(accountId));
    await under.publish(signed, signed);
    await under.publish({ ...signed, id: newId("event") });
    expect(await caseOf(within.id)).toMatchObject({ coverStatus: "IN_COVER", coverContractId: signed.recordId });
    expect((await caseOf(after.id)).coverStatus).toBe("OUT_OF_COVER");
    expect((await caseOf(othersCase.id)).coverStatus).toBe("OUT_OF_COVER");
    expect((await under.recorded(within.id)).map(({ type }) => type)).toEqual(["CaseOpened", "CaseCoverFound"]);
  });
  it("covers a request that comes at the same moment", async () => {
    const accountId = await knownAccount();
    const [{ id }] = await Promise.all([
      open(accountId, { receiveTime: noonOf("2025-05-01") }),
      under.publish(events.contractSigned(of2025(accountId))),
    ]);
    expect((await caseOf(id)).coverStatus).toBe("IN_COVER");
  });
  it("covers a case that is deleted or closed, too", async () => {
    const accountId = await knownAccount();
    const { id } = await open(accountId, { receiveTime: noonOf("2025-05-01") });
    await under.client(CaseServiceService).closeCase({ id, etag: "", note: "withdrawn" });
    await under.client(CaseServiceService).deleteCase({ id, etag: "" });
    await under.publish(events.contractSigned(of2025(accountId)));
    expect((await caseOf(id)).coverStatus).toBe("IN_COVER");
  });
  it("changes hands, whichever is heard of first", async () => {
    const heir = newId("user");
    const seenByHeir = { actor: heir, teams: [], grants: { "covers.read": "own" as const } };
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const accountId = await knownAccount();
      const signed = events.contractSigned(of2025(accountId));
      const told = [signed, events.contractReassigned(signed.recordId, heir, of2025(accountId))] as const;
      for (const index of order) await under.publish(told[index]);
      expect(await coversOf(accountId, seenByHeir)).toMatchObject([{ contractId: signed.recordId, ownerId: heir }]);
    }
  });
  it("is seen one by one, by those who may", async () => {
    const accountId = await knownAccount();
    await under.publish(events.contractSigned(of2025(accountId)));
    const [cover] = await coversOf(accountId);
    const covers = under.client(CoverServiceService);
    expect(await covers.getCover({ id: cover?.id ?? "" })).toEqual(cover);
    expect(await covers.getCover({ id: cover?.id ?? "", readMask: ["account_id"] })).toMatchObject({
      accountId,
      contractNumber: "",
    });
    const stranger = under.client(CoverServiceService, { actor: newId("user"), teams: [], grants: { "*": "own" } });
    await expect(stranger.getCover({ id: cover?.id ?? "" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a day (C-057)", () => {
  it("is the tenant's, and Shanghai's while we know of no tenant", async () => {
    const accountId = await knownAccount();
    await under.publish(events.contractSigned({ accountId, from: "2025-01-01", until: "2025-12-31" }));
    const lateInLondon = { receiveTime: new Date("2025-12-31T18:00:00Z") };
    expect((await open(accountId, lateInLondon)).coverStatus).toBe("OUT_OF_COVER");
    await under.publish(events.tenantCreated("Europe/London"));
    expect((await open(accountId, lateInLondon)).coverStatus).toBe("IN_COVER");
  });
});

describe("a new case (C-060)", () => {
  // These meet the agents of a tenant, so each has a tenant of its own.
  const ofTenant = (tenant: string) => {
    const inTenant = (...told: readonly Recorded[]) => under.publish(...told.map((event) => ({ ...event, tenant })));
    const agent = () => events.userCreated({ roleIds: [serviceAgentRoleId(tenant)], teamIds: [newId("team")] });
    const account = async (ownerId = ""): Promise<string> => {
      const accountId = newId("account");
      await inTenant(events.accountCreated(accountId, ownerId));
      return accountId;
    };
    return { inTenant, agent, account, open: (accountId: string) => open(accountId, {}, { tenant }) };
  };

  it("goes to the agent with the fewest cases to work on", async () => {
    const tenant = newId("tenant");
    const { inTenant, agent, account, open: request } = ofTenant(tenant);
    const agents = [agent(), agent(), agent()];
    await inTenant(...agents, events.userCreated());
    const accountId = await account();
    const ids = agents.map(({ recordId }) => recordId).toSorted();
    const firstRound = [await request(accountId), await request(accountId), await request(accountId)];
    expect(firstRound.map(({ assigneeId }) => assigneeId)).toEqual(ids);
    const cases = under.client(CaseServiceService, { tenant });
    await cases.solveCase({ id: firstRound[1]?.id ?? "", etag: "", solution: "New cable" });
    expect(await request(accountId)).toMatchObject({ assigneeId: ids[1], status: "ASSIGNED", ownerId: ids[1] });
  });
  it("goes to no agent who is not active", async () => {
    const { inTenant, agent, account, open: request } = ofTenant(newId("tenant"));
    const [present, away] = [agent(), agent()];
    await inTenant(present, events.userDeactivated(away), away);
    const accountId = await account();
    const taken = [await request(accountId), await request(accountId)].map(({ assigneeId }) => assigneeId);
    expect(new Set(taken)).toEqual(new Set([present.recordId]));
  });
  it("goes to the account's owner where nobody is an agent, and to nobody when that is no active user", async () => {
    const { inTenant, account, open: request } = ofTenant(newId("tenant"));
    const [owner, heir] = [events.userCreated(), events.userCreated()];
    await inTenant(owner, heir);
    const accountId = await account(owner.recordId);
    expect(await request(accountId)).toMatchObject({ status: "ASSIGNED", assigneeId: owner.recordId });
    await inTenant(events.accountReassigned(accountId, heir.recordId));
    expect(await request(accountId)).toMatchObject({ assigneeId: heir.recordId });
    expect(await request(await account(newId("apikey")))).toMatchObject({ status: "OPEN", assigneeId: "" });
  });
  it("that nobody was there for goes to the first agent heard of, once", async () => {
    const tenant = newId("tenant");
    const { inTenant, agent, account, open: request } = ofTenant(tenant);
    const { id } = await request(await account());
    const [first, second] = [agent(), agent()];
    await inTenant(first, first);
    await inTenant(second, first);
    await under.service.drained();
    expect(await under.client(CaseServiceService, { tenant }).getCase({ id })).toMatchObject({
      status: "ASSIGNED",
      assigneeId: first.recordId,
      etag: "2",
    });
  });
  it("goes to an agent who is heard of at the same moment", async () => {
    const tenant = newId("tenant");
    const { inTenant, agent, account, open: request } = ofTenant(tenant);
    const accountId = await account();
    const present = agent();
    const [{ id }] = await Promise.all([request(accountId), inTenant(present)]);
    await under.service.drained();
    await under.service.caughtUp();
    expect((await under.client(CaseServiceService, { tenant }).getCase({ id })).assigneeId).toBe(present.recordId);
  });
  it("is refused for an account that was deleted, at once", async () => {
    const accountId = await knownAccount();
    await under.publish(events.accountDeleted(accountId));
    await expect(open(accountId)).rejects.toMatchObject({ details: { reason: "ACCOUNT_NOT_FOUND" } });
  });
});
