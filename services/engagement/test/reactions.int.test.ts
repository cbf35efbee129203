import { newId } from "@keynode/aggregate/type-id";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountCreated, AccountReassigned } from "@keynode/contracts/crm/account/v1/account_events";
import { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import { PurchaseRecorded } from "@keynode/contracts/crm/contract/v1/purchase_events";
import { Behaviour } from "@keynode/contracts/crm/engagement/v1/behaviour";
import { BehaviourServiceService, ListBehavioursRequest } from "@keynode/contracts/crm/engagement/v1/behaviour_service";
import { ListTasksRequest, TaskServiceService } from "@keynode/contracts/crm/engagement/v1/task_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import {
  LeadCaptured,
  LeadConversionRequested,
  LeadFormSubmitted,
  LeadInquiryRecorded,
  LeadReassigned,
} from "@keynode/contracts/crm/lead/v1/lead_events";
import type { Recorded } from "@keynode/messaging/recorded";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { engagementService } from "../src/service.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startForTest(engagementService);
});

const dayMs = 24 * 3_600_000;
const again = (event: Recorded): Recorded => ({ ...event, id: newId("event") });
const tasksOf = async (filter: string) =>
  (await under.client(TaskServiceService).listTasks(ListTasksRequest.fromPartial({ filter }))).tasks;
const behavioursOf = async (filter: string) =>
  (await under.client(BehaviourServiceService).listBehaviours(ListBehavioursRequest.fromPartial({ filter })))
    .behaviours;
const visit = (visitorId: string, more: Partial<Behaviour> = {}) =>
  under
    .client(BehaviourServiceService)
    .createBehaviour({ behaviour: Behaviour.fromPartial({ visitorId, type: "PAGE_VIEW", ...more }) });
const deadLetters = () => under.db.collection("deadLetters").countDocuments();

const leadSnapshot = (id: string) => Lead.fromPartial({ id, ownerId: under.admin.actor, name: "王芳" });
const form = (leadId: string, visitorId: string, version = 1) =>
  under.event({
    context: "lead",
    kind: "lead",
    recordId: leadId,
    version,
    type: "LeadFormSubmitted",
    codec: LeadFormSubmitted,
    message: LeadFormSubmitted.fromPartial({
      form: {
        formName: "contact-us",
        pageUrl: "https://acme.example/contact",
        visitorId,
        submitTime: new Date("2026-03-01T10:00:00Z"),
      },
      snapshot: leadSnapshot(leadId),
    }),
  });
const converted = (leadId: string, accountId: string, joinsAccount = false) =>
  under.event({
    context: "lead",
    kind: "lead",
    recordId: leadId,
    version: 5,
    type: "LeadConversionRequested",
    codec: LeadConversionRequested,
    message: LeadConversionRequested.fromPartial({
      accountId,
      joinsAccount,
      snapshot: leadSnapshot(leadId),
    }),
  });

describe("a purchase (C-057, C-066)", () => {
  const purchase = (accountId: string, at: Date, id = newId("purchase")) => {
    const snapshot = Purchase.fromPartial({ id, accountId, ownerId: under.admin.actor, contractId: newId("contract") });
    return under.event({
      context: "contract",
      kind: "purchase",
      recordId: id,
      at,
      type: "PurchaseRecorded",
      codec: PurchaseRecorded,
      message: {
        purchase: snapshot,
        snapshot,
      },
    });
  };

  it("has one after-sales check on day 3, however often and late it is heard of", async () => {
    const accountId = newId("account");
    const event = purchase(accountId, new Date("2026-07-01T09:00:00Z"));
    await under.publish(event, event);
    await under.publish({ ...event, id: newId("event") });
    expect(await tasksOf(`accountId = "${accountId}"`)).toMatchObject([
      {
        kind: "CARE",
        accountId,
        ownerId: under.admin.actor,
        originEventId: event.id,
        dueTime: new Date("2026-07-04T09:00:00Z"),
      },
    ]);
    expect(await deadLetters()).toBe(0);
  });
  it("has none again when its check was done or deleted", async () => {
    const accountId = newId("account");
    const [first, second] = [purchase(accountId, new Date()), purchase(accountId, new Date())];
    await under.publish(first, second);
    const tasks = under.client(TaskServiceService);
    const [done, deleted] = await tasksOf(`accountId = "${accountId}"`);
    await tasks.completeTask({ id: done?.id ?? "", etag: "", outcome: "happy" });
    await tasks.deleteTask({ id: deleted?.id ?? "", etag: "" });
    await under.publish(again(first), again(second));
    expect(await tasksOf(`accountId = "${accountId}"`)).toMatchObject([{ id: done?.id, status: "DONE" }]);
  });
});

describe("a first inquiry (C-029)", () => {
  const inquiry = (leadId: string, first: boolean, inquireTime: Date) =>
    under.event({
      context: "lead",
      kind: "lead",
      recordId: leadId,
      type: "LeadInquiryRecorded",
      codec: LeadInquiryRecorded,
      message: LeadInquiryRecorded.fromPartial({
        first,
        inquiry: {
          product: "GTX Pro",
          question: "How much?",
          channel: "CHAT",
          inquireTime,
        },
        snapshot: leadSnapshot(leadId),
      }),
    });

  it("is followed up within a day, by one task that carries the question; later ones have none", async () => {
    const leadId = newId("lead");
    const inquireTime = new Date("2026-03-01T10:00:00Z");
    const event = inquiry(leadId, true, inquireTime);
    await under.publish(event, event, inquiry(leadId, false, new Date()));
    await under.publish(again(event));
    expect(await tasksOf(`leadId = "${leadId}"`)).toMatchObject([
      { kind: "FOLLOW_UP", description: "How much?", dueTime: new Date(inquireTime.getTime() + dayMs) },
    ]);
  });
});

describe("a submitted form (C-025, C-035)", () => {
  it("is a behaviour: two posts are two, each once", async () => {
    const leadId = newId("lead");
    const [first, second] = [form(leadId, newId("visitor")), form(leadId, newId("visitor"), 2)];
    await under.publish(first, first, second);
    await under.publish(second);
    expect(await behavioursOf(`leadId = "${leadId}" AND type = FORM_SUBMISSION`)).toHaveLength(2);
    expect(await behavioursOf(`leadId = "${leadId}"`)).toContainEqual(
      expect.objectContaining({
        formName: "contact-us",
        pageUrl: "https://acme.example/contact",
        ownerId: under.admin.actor,
        originEventId: first.id,
        occurTime: new Date("2026-03-01T10:00:00Z"),
      }),
    );
  });
  it("tells whose the visitor's earlier behaviours were", async () => {
    const [leadId, visitorId] = [newId("lead"), newId("visitor")];
    const [viewed, others] = [await visit(visitorId), await visit(newId("visitor"))];
    const event = form(leadId, visitorId);
    await under.publish(event, event);
    await under.publish(event);
    expect((await behavioursOf(`leadId = "${leadId}"`)).map(({ id }) => id)).toContain(viewed.id);
    expect((await under.client(BehaviourServiceService).getBehaviour({ id: others.id })).leadId).toBe("");
    expect((await under.recorded(viewed.id)).map(({ type }) => type)).toEqual([
      "BehaviourRecorded",
      "BehaviourAttributed",
    ]);
  });
  it("leaves a behaviour with the lead that it is of", async () => {
    const [first, visitorId] = [newId("lead"), newId("visitor")];
    const viewed = await visit(visitorId, { leadId: first });
    await under.publish(form(newId("lead"), visitorId));
    expect((await under.client(BehaviourServiceService).getBehaviour({ id: viewed.id })).leadId).toBe(first);
  });
});

describe("a conversion (C-028)", () => {
  it("makes the lead's behaviours the account's, whichever is heard of first", async () => {
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ] as const) {
      const [leadId, accountId, visitorId] = [newId("lead"), newId("account"), newId("visitor")];
      await visit(visitorId);
      const told = [form(leadId, visitorId), form(leadId, newId("visitor"), 2), converted(leadId, accountId)] as const;
      for (const index of order) await under.publish(told[index]);
      expect((await behavioursOf(`accountId = "${accountId}"`)).map(({ type }) => type).toSorted()).toEqual([
        "FORM_SUBMISSION",
        "FORM_SUBMISSION",
        "PAGE_VIEW",
      ]);
    }
  });
  it("misses none when all are heard of at once", async () => {
    const [leadId, accountId, visitorId] = [newId("lead"), newId("account"), newId("visitor")];
    await visit(visitorId);
    await under.publish(form(leadId, visitorId), converted(leadId, accountId), form(leadId, newId("visitor"), 2));
    expect(await behavioursOf(`accountId = "${accountId}"`)).toHaveLength(3);
    expect(await deadLetters()).toBe(0);
  });
});

describe("whose a behaviour is", () => {
  const [li, wang, zhao] = [newId("user"), newId("user"), newId("user")];
  const captured = (id: string, ownerId: string) => {
    const lead = Lead.fromPartial({ id, ownerId, name: "王芳" });
    const message = { lead, snapshot: lead };
    return under.event({
      context: "lead",
      kind: "lead",
      recordId: id,
      type: "LeadCaptured",
      codec: LeadCaptured,
      message,
    });
  };
  const leadMoved = (id: string, fromOwnerId: string, ownerId: string, version: number) =>
    under.event({
      context: "lead",
      kind: "lead",
      recordId: id,
      version,
      type: "LeadReassigned",
      codec: LeadReassigned,
      message: LeadReassigned.fromPartial({ fromOwnerId, ownerId }),
    });
  const created = (id: string, ownerId: string) => {
    const account = Account.fromPartial({ id, ownerId, name: "Acme" });
    const message = { account, snapshot: account };
    const type = "AccountCreated";
    return under.event({ context: "account", kind: "account", recordId: id, type, codec: AccountCreated, message });
  };
  const accountMoved = (id: string, fromOwnerId: string, ownerId: string, version: number) =>
    under.event({
      context: "account",
      kind: "account",
      recordId: id,
      version,
      type: "AccountReassigned",
      codec: AccountReassigned,
      message: AccountReassigned.fromPartial({ fromOwnerId, ownerId }),
    });
  const ownersOf = async (filter: string) => [...new Set((await behavioursOf(filter)).map(({ ownerId }) => ownerId))];

  it("says its account from the first on, and with each handover, however often and in whatever order", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
      [1, 0, 1, 0],
    ] as const) {
      const accountId = newId("account");
      await under.publish(created(accountId, li));
      await visit("", { accountId });
      expect(await ownersOf(`accountId = "${accountId}"`)).toEqual([li]);
      const moves = [accountMoved(accountId, li, wang, 2), accountMoved(accountId, wang, zhao, 3)] as const;
      for (const index of order) await under.publish(moves[index]);
      expect(await ownersOf(`accountId = "${accountId}"`), order.join()).toEqual([zhao]);
    }
  });
  it("says the lead that its visitor turns out to be, also one that was handed over meanwhile", async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
    ] as const) {
      const [leadId, visitorId] = [newId("lead"), newId("visitor")];
      await visit(visitorId);
      const moved = leadMoved(leadId, under.admin.actor, wang, 4);
      const told = [captured(leadId, under.admin.actor), form(leadId, visitorId, 2), moved] as const;
      for (const index of order) await under.publish(told[index]);
      expect(await behavioursOf(`leadId = "${leadId}"`)).toHaveLength(2);
      expect(await ownersOf(`leadId = "${leadId}"`), order.join()).toEqual([wang]);
    }
  });
  it("says the account that its lead joins, and no longer the lead", async () => {
    const [leadId, accountId, visitorId] = [newId("lead"), newId("account"), newId("visitor")];
    await under.publish(created(accountId, zhao), captured(leadId, li), form(leadId, visitorId, 2));
    expect(await ownersOf(`leadId = "${leadId}"`)).toEqual([li]);
    await under.publish(converted(leadId, accountId, true));
    expect(await ownersOf(`leadId = "${leadId}"`)).toEqual([zhao]);
    await under.publish(leadMoved(leadId, zhao, wang, 6));
    expect(await ownersOf(`leadId = "${leadId}"`)).toEqual([zhao]);
    expect(await deadLetters()).toBe(0);
  });
});
