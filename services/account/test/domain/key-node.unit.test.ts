import { KeyNode } from "@keynode/contracts/crm/account/v1/key_node";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/key-node/decide.ts";
import { evolve } from "../../src/domain/key-node/evolve.ts";
import type { KeyNodeCommand, KeyNodeContext, KeyNodeEvent } from "../../src/domain/key-node/state.ts";

const occurTime = new Date("2026-03-01T10:00:00Z");
const due = new Date("2026-03-02T10:00:00Z");
const after = new Date("2026-03-02T10:00:01Z");
const known: KeyNodeContext = { now: occurTime, actor: "user_li", accountExists: true, lead: "KNOWN" };
const keyNode = KeyNode.fromPartial({ leadId: "lead_1", nodeType: "FIRST_INQUIRY", occurTime, responseDueTime: due });
const recorded: KeyNodeEvent = { type: "KeyNodeRecorded", keyNode };
const late: KeyNodeEvent = {
  type: "KeyNodeBecameLate",
  responseDueTime: due,
  accountId: "",
  leadId: "lead_1",
  nodeType: "FIRST_INQUIRY",
};
const respond = (outcome: string): KeyNodeCommand => ({ type: "RespondToKeyNode", id: "keynode_1", etag: "", outcome });
const waive: KeyNodeCommand = { type: "WaiveKeyNode", id: "keynode_1", etag: "", reason: "called before" };
const responded = (outcome: string, isLate: boolean): KeyNodeEvent => ({
  type: "KeyNodeResponded",
  outcome,
  responseTime: isLate ? after : occurTime,
  respondedBy: "user_li",
  late: isLate,
});
const rules = specify({ decide, evolve });

describe("a key node (C-002)", () => {
  it("is due a day after a first inquiry", () => {
    const given = KeyNode.fromPartial({ leadId: "lead_1", nodeType: "FIRST_INQUIRY" });
    rules
      .given()
      .when({ type: "CreateKeyNode", keyNode: given }, known)
      .thenTypes(["KeyNodeRecorded"], (state) => {
        expect(state).toMatchObject({ status: "OPEN", occurTime, responseDueTime: due });
      });
  });
  it("belongs to a customer that is known", () => {
    const create = (partial: Partial<KeyNode>): KeyNodeCommand => ({
      type: "CreateKeyNode",
      keyNode: KeyNode.fromPartial({ nodeType: "DEMO", ...partial }),
    });
    const unknown = { ...known, accountExists: false, lead: "MISSING" } as const;
    rules.given().when(create({}), known).thenRefused("KEY_NODE_WITHOUT_CUSTOMER");
    rules
      .given()
      .when(create({ accountId: "account_1" }), unknown)
      .thenRefused("ACCOUNT_NOT_FOUND");
    rules
      .given()
      .when(create({ leadId: "lead_1" }), unknown)
      .thenRefused("LEAD_NOT_FOUND");
  });
  it("becomes late when its time has passed, once", () => {
    rules
      .given(recorded)
      .when({ type: "NoticeLate" }, { ...known, now: occurTime })
      .thenNothing();
    rules
      .given(recorded)
      .when({ type: "NoticeLate" }, { ...known, now: after })
      .then(late);
    rules
      .given(recorded, late)
      .when({ type: "NoticeLate" }, { ...known, now: after })
      .thenNothing();
  });
  it("is responded to in time or late", () => {
    rules.given(recorded).when(respond("called"), known).then(responded("called", false));
    rules
      .given(recorded, late)
      .when(respond("called"), { ...known, now: after })
      .then(responded("called", true));
  });
  it("is quiet when the same response comes again, refused for another", () => {
    rules.given(recorded, responded("called", false)).when(respond("called"), known).thenNothing();
    rules
      .given(recorded, responded("called", false))
      .when(respond("mailed"), known)
      .thenRefused("KEY_NODE_CLOSED", { status: "DONE" });
  });
  it("may be waived until it is responded to", () => {
    const waived: KeyNodeEvent = {
      type: "KeyNodeWaived",
      reason: "called before",
      waiveTime: occurTime,
      waivedBy: "user_li",
    };
    rules.given(recorded).when(waive, known).then(waived);
    rules.given(recorded, waived).when(waive, known).thenNothing();
    rules.given(recorded, waived).when(respond("called"), known).thenRefused("KEY_NODE_CLOSED");
    rules.given(recorded, responded("called", false)).when(waive, known).thenRefused("KEY_NODE_CLOSED");
  });
  it("joins the account that its lead became, once", () => {
    rules
      .given(recorded)
      .when({ type: "JoinAccount", accountId: "account_1" }, known)
      .then({ type: "KeyNodeJoinedAccount", accountId: "account_1" });
    rules
      .given(recorded, { type: "KeyNodeJoinedAccount", accountId: "account_1" })
      .when({ type: "JoinAccount", accountId: "account_2" }, known)
      .thenNothing();
  });
});
