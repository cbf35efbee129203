import { Behaviour } from "@keynode/contracts/crm/engagement/v1/behaviour";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BehaviourCommand,
  type BehaviourEvent,
  type BehaviourState,
  decide,
  evolve,
} from "../../src/domain/behaviour/behaviour.ts";

const context = { now: new Date("2026-03-01T10:00:00Z") };
const occurTime = new Date("2026-02-27T10:00:00Z");
const seen = (partial: Partial<Behaviour>) => Behaviour.fromPartial({ type: "PAGE_VIEW", occurTime, ...partial });
const create = (partial: Partial<Behaviour>): BehaviourCommand => ({
  type: "CreateBehaviour",
  behaviour: seen(partial),
});
const recorded = (partial: Partial<Behaviour>): BehaviourEvent => ({
  type: "BehaviourRecorded",
  behaviour: seen(partial),
});
const attribute = (leadId: string, accountId: string): BehaviourCommand => ({
  type: "AttributeBehaviour",
  leadId,
  accountId,
});
const attributed = (leadId: string, accountId: string): BehaviourEvent => ({
  type: "BehaviourAttributed",
  leadId,
  accountId,
});
const rules = specify({ decide, evolve });

describe("a behaviour (C-034, C-035)", () => {
  it("is a visitor's, a lead's or an account's", () => {
    rules.given().when(create({}), context).thenRefused("BEHAVIOUR_WITHOUT_PERSON");
    for (const person of [{ visitorId: "v1" }, { leadId: "lead_1" }, { accountId: "account_1" }]) {
      rules.given().when(create(person), context).then(recorded(person));
    }
  });
  it("happened when it is told, unless it says when", () => {
    rules
      .given()
      .when(create({ visitorId: "v1", occurTime: undefined }), context)
      .then(recorded({ visitorId: "v1", occurTime: context.now }));
  });
  it("becomes that of the lead, then the account, that the visitor turns out to be", () => {
    const visit = recorded({ visitorId: "v1" });
    rules.given(visit).when(attribute("lead_1", ""), context).then(attributed("lead_1", ""));
    rules
      .given(visit, attributed("lead_1", ""))
      .when(attribute("lead_1", "account_1"), context)
      .then(attributed("lead_1", "account_1"));
  });
  it("is quiet when it is told again", () => {
    rules
      .given(recorded({ visitorId: "v1" }), attributed("lead_1", "account_1"))
      .when(attribute("lead_1", "account_1"), context)
      .thenNothing();
  });
  it("keeps the person it has", () => {
    rules
      .given(recorded({ leadId: "lead_1", accountId: "account_1" }))
      .when(attribute("lead_2", "account_2"), context)
      .thenNothing();
  });
});

describe("whoever a behaviour is given to", () => {
  it("it stays with the first lead and the first account", () => {
    const person = fc.record({
      leadId: fc.constantFrom("", "lead_1", "lead_2"),
      accountId: fc.constantFrom("", "account_1", "account_2"),
    });
    fc.assert(
      fc.property(fc.array(person), (people) => {
        let state = evolve(undefined, recorded({ visitorId: "v1" }));
        for (const { leadId, accountId } of people) {
          const outcome = decide(attribute(leadId, accountId), state, context);
          if ("kind" in outcome) continue;
          state = outcome.reduce<BehaviourState>(evolve, state);
        }
        expect(state.leadId).toBe(people.find(({ leadId }) => leadId !== "")?.leadId ?? "");
        expect(state.accountId).toBe(people.find(({ accountId }) => accountId !== "")?.accountId ?? "");
      }),
    );
  });
});
