import { Account } from "@keynode/contracts/crm/account/v1/account";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountCommand } from "../../src/domain/account/command.ts";
import type { AccountContext } from "../../src/domain/account/context.ts";
import { decide } from "../../src/domain/account/decide.ts";
import type { AccountEvent } from "../../src/domain/account/events.ts";
import { evolve } from "../../src/domain/account/evolve.ts";
import type { AccountState } from "../../src/domain/account/state.ts";

const now = new Date("2026-03-20T08:00:00Z");
const context: AccountContext = { now, ancestors: [], purchases: { count: 0, totals: [] } };
const account = Account.fromPartial({ id: "account_1", ownerId: "user_li", name: "Acme", needs: ["ink"] });
const created: AccountEvent = { type: "AccountCreated", account };
const reach = (stage: "POTENTIAL" | "INTENT" | "CLOSED_WON", time = now): AccountCommand => ({
  type: "ReachStage",
  stage,
  time,
  causedBy: "event_1",
});
const rules = specify({ decide, evolve });
const cny = (units: bigint) => ({ currencyCode: "CNY", units, nanos: 0 });

describe("the stage of a customer (C-001)", () => {
  it("begins as potential", () => {
    rules
      .given()
      .when({ type: "CreateAccount", account }, context)
      .thenTypes(["AccountCreated"], (state) => {
        expect(state.stage).toBe("POTENTIAL");
      });
  });
  it("rises with from, to, time and cause, and the first purchase is the conversion", () => {
    rules
      .given(created)
      .when(reach("CLOSED_WON"), context)
      .thenTypes(["AccountStageChanged"], (state) => {
        expect(state).toMatchObject({ stage: "CLOSED_WON", convertTime: now });
        expect(state.stageChanges).toEqual([{ from: "POTENTIAL", to: "CLOSED_WON", time: now, causedBy: "event_1" }]);
      });
  });
  it("never falls, and is quiet when it is reached already", () => {
    const won: AccountEvent = {
      type: "AccountStageChanged",
      change: { from: "POTENTIAL", to: "CLOSED_WON", time: now, causedBy: "event_1" },
    };
    rules.given(created, won).when(reach("INTENT"), context).thenNothing();
    rules.given(created, won).when(reach("CLOSED_WON"), context).thenNothing();
  });
  it("is the highest that was ever reached, whatever the order of the facts", () => {
    const order = ["POTENTIAL", "INTENT", "CLOSED_WON"] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...order), { maxLength: 20 }), (stages) => {
        let state: AccountState = evolve(undefined, created);
        for (const stage of stages) {
          const outcome = decide(reach(stage), state, context);
          if (!("kind" in outcome)) state = outcome.reduce<AccountState>(evolve, state);
        }
        expect(state.stage).toBe(order[Math.max(0, ...stages.map((stage) => order.indexOf(stage)))]);
      }),
    );
  });
});

describe("a lead that joins (C-028)", () => {
  const join: AccountCommand = { type: "JoinLead", leadId: "lead_1", needs: ["ink", "paper"], interests: [] };
  it("adds the needs that the account did not have", () => {
    rules
      .given(created)
      .when(join, context)
      .then({ type: "AccountLeadJoined", leadId: "lead_1", needs: ["paper"], interests: [] });
  });
  it("joins once", () => {
    rules
      .given(created, { type: "AccountLeadJoined", leadId: "lead_1", needs: ["paper"], interests: [] })
      .when(join, context)
      .thenNothing();
  });
});

describe("purchases (C-017)", () => {
  const purchases = { count: 2, totals: [cny(1000n)] };
  it("are counted as they stand now", () => {
    rules
      .given(created)
      .when({ type: "CountPurchases" }, { ...context, purchases })
      .then({ type: "AccountPurchasesCounted", purchaseCount: 2, purchaseTotals: [cny(1000n)] });
  });
  it("counted again to the same figures are no news", () => {
    rules
      .given(created, { type: "AccountPurchasesCounted", purchaseCount: 2, purchaseTotals: [cny(1000n)] })
      .when({ type: "CountPurchases" }, { ...context, purchases })
      .thenNothing();
  });
});

describe("the parent of an account", () => {
  const under = (parentAccountId: string): AccountCommand => ({
    type: "UpdateAccount",
    account: { ...account, parentAccountId },
    updateMask: ["parent_account_id"],
  });
  it("must exist", () => {
    rules.given(created).when(under("account_9"), context).thenRefused("PARENT_NOT_FOUND");
    rules
      .given()
      .when({ type: "CreateAccount", account: { ...account, parentAccountId: "account_9" } }, context)
      .thenRefused("PARENT_NOT_FOUND");
  });
  it("is neither the account itself nor a part of it", () => {
    rules
      .given(created)
      .when(under("account_1"), { ...context, ancestors: ["account_1"] })
      .thenRefused("ACCOUNT_CYCLE");
    rules
      .given(created)
      .when(under("account_2"), { ...context, ancestors: ["account_2", "account_1"] })
      .thenRefused("ACCOUNT_CYCLE");
  });
  it("may be taken away", () => {
    rules
      .given({ type: "AccountCreated", account: { ...account, parentAccountId: "account_2" } })
      .when(under(""), context)
      .thenTypes(["AccountEdited"], (state) => expect(state.parentAccountId).toBe(""));
  });
});
