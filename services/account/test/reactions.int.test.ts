import { newId } from "@keynode/aggregate/type-id";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountServiceService } from "@keynode/contracts/crm/account/v1/account_service";
import { ContactServiceService, ListContactsRequest } from "@keynode/contracts/crm/account/v1/contact_service";
import { KeyNode } from "@keynode/contracts/crm/account/v1/key_node";
import { KeyNodeServiceService, ListKeyNodesRequest } from "@keynode/contracts/crm/account/v1/key_node_service";
import { ListTimelineEntriesRequest, TimelineServiceService } from "@keynode/contracts/crm/account/v1/timeline_service";
import { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import { PurchaseDeleted, PurchaseRecorded } from "@keynode/contracts/crm/contract/v1/purchase_events";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import {
  LeadCaptured,
  LeadConversionRequested,
  LeadInquiryRecorded,
  LeadReassigned,
} from "@keynode/contracts/crm/lead/v1/lead_events";
import { Case } from "@keynode/contracts/crm/service/v1/case";
import { CaseOpened } from "@keynode/contracts/crm/service/v1/case_events";
import { AccessServiceService } from "@keynode/contracts/crm/chassis/v1/access_service";
import type { Recorded } from "@keynode/messaging/recorded";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { accountService } from "../src/service.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startForTest(accountService);
});

const accounts = () => under.client(AccountServiceService);
const keyNodesOf = async (filter: string) =>
  (await under.client(KeyNodeServiceService).listKeyNodes(ListKeyNodesRequest.fromPartial({ filter }))).keyNodes;
const timelineOf = async (accountId: string) => {
  await under.service.drained();
  await under.service.caughtUp();
  const request = ListTimelineEntriesRequest.fromPartial({ accountId });
  return (await under.client(TimelineServiceService).listTimelineEntries(request)).timelineEntries;
};
const newAccount = () =>
  accounts().createAccount({
    account: Account.fromPartial({ kind: "COMPANY", name: "Acme", origin: { kind: "IMPORT" } }),
  });

const person = (partial: Partial<Lead> = {}) =>
  Lead.fromPartial({
    id: newId("lead"),
    ownerId: under.admin.actor,
    name: "王芳",
    company: "Acme",
    needs: ["ink"],
    stage: "INTENT",
    ...partial,
  });
const leadEvent = <Message extends object>(
  lead: Lead,
  type: string,
  codec: Parameters<typeof under.event<Message>>[0]["codec"],
  message: Message,
  version = 1,
) => under.event({ context: "lead", kind: "lead", recordId: lead.id, version, type, codec, message });
const captured = (lead: Lead) => leadEvent(lead, "LeadCaptured", LeadCaptured, { lead, snapshot: lead });
const inquired = (lead: Lead) =>
  leadEvent(
    lead,
    "LeadInquiryRecorded",
    LeadInquiryRecorded,
    {
      first: true,
      inquiry: { product: "GTX Pro", question: "?", channel: "CHAT" as const, inquireTime: new Date() },
      snapshot: lead,
    },
    2,
  );
const converted = (lead: Lead, more: Partial<LeadConversionRequested> = {}) =>
  leadEvent(
    lead,
    "LeadConversionRequested",
    LeadConversionRequested,
    LeadConversionRequested.fromPartial({
      accountId: newId("account"),
      contactId: newId("contact"),
      lead,
      snapshot: lead,
      ...more,
    }),
    3,
  );
const idsOf = (event: Recorded) => LeadConversionRequested.decode(event.data);

describe("a conversion (C-028)", () => {
  it("makes the account and the contact under the ids it names, with all the lead held", async () => {
    const lead = person({ email: "wang.fang@acme.example", phone: "+8613800000000" });
    const event = converted(lead);
    await under.publish(event);
    const { accountId, contactId } = idsOf(event);
    expect(await accounts().getAccount({ id: accountId })).toMatchObject({
      kind: "COMPANY",
      name: "Acme",
      stage: "INTENT",
      needs: ["ink"],
      leadIds: [lead.id],
    });
    expect(await under.client(ContactServiceService).getContact({ id: contactId })).toMatchObject({
      accountId,
      leadId: lead.id,
      name: "王芳",
      email: lead.email,
      phone: lead.phone,
    });
  });
  it("joins an account that exists", async () => {
    const account = await newAccount();
    const lead = person({ needs: ["paper"] });
    await under.publish(converted(lead, { accountId: account.id, joinsAccount: true }));
    expect(await accounts().getAccount({ id: account.id })).toMatchObject({ leadIds: [lead.id], needs: ["paper"] });
  });
  it("does all this once, however often and late it comes", async () => {
    const event = converted(person());
    await under.publish(event, event);
    await under.publish({ ...event, id: newId("event") });
    const { accountId } = idsOf(event);
    const { contacts } = await under
      .client(ContactServiceService)
      .listContacts(ListContactsRequest.fromPartial({ filter: `accountId = "${accountId}"` }));
    expect(contacts).toHaveLength(1);
    expect((await under.recorded(accountId)).map(({ type }) => type)).toEqual(["AccountCreated"]);
    expect(await under.db.collection("deadLetters").countDocuments()).toBe(0);
  });
  it("takes the lead's key nodes and history along, whichever is heard of first", async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ] as const) {
      const lead = person();
      const events = [captured(lead), inquired(lead), converted(lead)] as const;
      for (const index of order) await under.publish(events[index]);
      const { accountId } = idsOf(events[2]);
      expect(await keyNodesOf(`accountId = "${accountId}"`)).toMatchObject([
        { leadId: lead.id, nodeType: "FIRST_INQUIRY" },
      ]);
      const told = (await timelineOf(accountId)).map(({ eventType }) => eventType);
      expect(told).toEqual(
        expect.arrayContaining([
          "LeadCaptured",
          "LeadInquiryRecorded",
          "LeadConversionRequested",
          "AccountCreated",
          "ContactCreated",
        ]),
      );
    }
  });
});

describe("a purchase (C-057)", () => {
  const purchase = (accountId: string, units: bigint, id = newId("purchase")) => {
    const snapshot = Purchase.fromPartial({
      id,
      accountId,
      ownerId: under.admin.actor,
      amount: { currencyCode: "CNY", units, nanos: 0 },
    });
    return under.event({
      context: "contract",
      kind: "purchase",
      recordId: id,
      type: "PurchaseRecorded",
      codec: PurchaseRecorded,
      message: { purchase: snapshot, snapshot },
    });
  };
  const withdrawn = ({ recordId, data }: Recorded) => {
    const before = PurchaseRecorded.decode(data).snapshot;
    const snapshot = before && { ...before, deleteTime: new Date() };
    return under.event({
      context: "contract",
      kind: "purchase",
      recordId,
      version: 2,
      type: "PurchaseDeleted",
      codec: PurchaseDeleted,
      message: { deleteTime: new Date(), snapshot },
    });
  };
  it("makes the customer closed-won, once, with a key node, once", async () => {
    const { id } = await newAccount();
    const event = purchase(id, 300n);
    await under.publish(event, event);
    await under.publish({ ...event, id: newId("event") });
    const account = await accounts().getAccount({ id });
    expect(account).toMatchObject({
      stage: "CLOSED_WON",
      purchaseCount: 1,
      purchaseTotals: [{ currencyCode: "CNY", units: 300n }],
    });
    expect(account.convertTime).toEqual(event.at);
    expect(account.stageChanges).toHaveLength(1);
    expect(await keyNodesOf(`accountId = "${id}" AND nodeType = PURCHASE`)).toHaveLength(1);
  });
  it("counts with the others, and no more once it is deleted (C-017)", async () => {
    const { id } = await newAccount();
    const [first, second] = [purchase(id, 300n), purchase(id, 700n)];
    await under.publish(first, second);
    expect(await accounts().getAccount({ id })).toMatchObject({ purchaseCount: 2, purchaseTotals: [{ units: 1000n }] });
    await under.publish(withdrawn(second));
    expect(await accounts().getAccount({ id })).toMatchObject({
      purchaseCount: 1,
      purchaseTotals: [{ units: 300n }],
      stage: "CLOSED_WON",
    });
  });
});

describe("a complaint", () => {
  it("is a key node; a service request is none", async () => {
    const { id } = await newAccount();
    const opened = (kind: Case["kind"]) => {
      const snapshot = Case.fromPartial({ id: newId("case"), accountId: id, kind, number: "C-1" });
      return under.event({
        context: "service",
        kind: "case",
        recordId: snapshot.id,
        type: "CaseOpened",
        codec: CaseOpened,
        message: { case: snapshot, snapshot },
      });
    };
    await under.publish(opened("COMPLAINT"), opened("SERVICE_REQUEST"));
    expect((await keyNodesOf(`accountId = "${id}"`)).map(({ nodeType }) => nodeType)).toEqual(["COMPLAINT"]);
  });
});

describe("whose a key node is", () => {
  const moved = (lead: Lead, fromOwnerId: string, ownerId: string, version: number) =>
    leadEvent(
      lead,
      "LeadReassigned",
      LeadReassigned,
      { fromOwnerId, fromTeamId: "", ownerId, teamId: "", snapshot: { ...lead, ownerId } },
      version,
    );
  const ownersOf = async (filter: string) => (await keyNodesOf(filter)).map(({ ownerId }) => ownerId);
  const handOver = (id: string, ownerId: string) => accounts().reassignAccount({ id, etag: "", ownerId, teamId: "" });

  it("says its lead, however often and in whatever order the handovers of that are heard of", async () => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 2, 3, 0],
      [2, 0, 1, 3, 2],
    ] as const) {
      const [li, wang, zhao] = [newId("user"), newId("user"), newId("user")];
      const lead = person({ ownerId: li });
      const told = [captured(lead), inquired(lead), moved(lead, li, wang, 3), moved(lead, wang, zhao, 4)] as const;
      for (const index of order) await under.publish(told[index]);
      expect(await ownersOf(`leadId = "${lead.id}"`), order.join()).toEqual([zhao]);
    }
    expect(await under.db.collection("deadLetters").countDocuments()).toBe(0);
  });
  it("says the account that its lead joins, whichever is heard of first", async () => {
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [2, 1, 0],
    ] as const) {
      const { id, ownerId } = await newAccount();
      const lead = person({ ownerId: newId("user") });
      const told = [captured(lead), inquired(lead), converted(lead, { accountId: id, joinsAccount: true })] as const;
      for (const index of order) await under.publish(told[index]);
      expect(await ownersOf(`accountId = "${id}"`), order.join()).toEqual([ownerId]);
    }
  });
  it("says its account also of a moment that somebody else had to do with", async () => {
    const { id, ownerId } = await newAccount();
    const snapshot = Case.fromPartial({ id: newId("case"), accountId: id, kind: "COMPLAINT", ownerId: newId("user") });
    await under.publish(
      under.event({
        context: "service",
        kind: "case",
        recordId: snapshot.id,
        type: "CaseOpened",
        codec: CaseOpened,
        message: { case: snapshot, snapshot },
      }),
    );
    expect(await ownersOf(`accountId = "${id}"`)).toEqual([ownerId]);
  });
  it("changes with its account, but for one that was given to somebody else", async () => {
    const [li, wang] = [await under.user(), await under.user()];
    const { id } = await newAccount();
    const nodes = under.client(KeyNodeServiceService);
    const made = () => nodes.createKeyNode({ keyNode: KeyNode.fromPartial({ accountId: id, nodeType: "DEMO" }) });
    const [own, given] = [await made(), await made()];
    await nodes.reassignKeyNode({ id: given.id, etag: "", ownerId: li, teamId: "" });
    await handOver(id, wang);
    await under.service.drained();
    await under.service.caughtUp();
    const ownerOf = async (keyNodeId: string) => (await nodes.getKeyNode({ id: keyNodeId })).ownerId;
    expect([await ownerOf(own.id), await ownerOf(given.id)]).toEqual([wang, li]);
  });
  it("is told by an explanation, which names the parent that it has its owner from", async () => {
    const { id, ownerId: actor } = await newAccount();
    const keyNode = KeyNode.fromPartial({ accountId: id, leadId: "", nodeType: "DEMO" });
    const made = await under.client(KeyNodeServiceService).createKeyNode({ keyNode });
    const engine = under.client(AccessServiceService, { actor: "service:identity", tenant: "*" });
    const explained = (permission: string, scope: string, recordId: string) => {
      const subject = { actor, teams: [], grants: [{ permission, scope }] };
      return engine.explainAccess({ tenant: under.tenant, subject, permission, writes: false, recordId });
    };
    expect(await explained("keyNodes.read", "own", made.id)).toMatchObject({ rule: "OWN", parentId: id });
    expect(await explained("keyNodes.read", "all", made.id)).toMatchObject({ rule: "ALL", parentId: "" });
    expect(await explained("accounts.read", "own", id)).toMatchObject({ rule: "OWN", parentId: "" });
  });
});
