import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpportunityCommand } from "../../src/domain/opportunity/command.ts";
import type { OpportunityContext } from "../../src/domain/opportunity/context.ts";
import { decide } from "../../src/domain/opportunity/decide.ts";
import type { OpportunityEvent } from "../../src/domain/opportunity/events.ts";
import { evolve } from "../../src/domain/opportunity/evolve.ts";
import type { OpportunityState } from "../../src/domain/opportunity/state.ts";
import { defaultPipeline } from "../../src/domain/pipeline/default-pipeline.ts";

const usd = (units: bigint) => ({ currencyCode: "USD", units, nanos: 0 });
const day = (month: number, date: number) => ({ year: 2026, month, day: date });
const context: OpportunityContext = {
  now: new Date("2026-03-01T08:00:00Z"),
  actor: "user_li",
  today: day(3, 1),
  pipeline: { ...defaultPipeline, id: "pipeline_1" },
  account: "KNOWN",
};
const unknownAccount: OpportunityContext = { ...context, account: "MISSING" };
const noEtag = { id: "opportunity_1", etag: "" };
const given = Opportunity.fromPartial({
  ownerId: "user_li",
  teamId: "team_east",
  name: "Acme printers",
  accountId: "account_1",
  amount: usd(300n),
  productIds: ["product_1"],
});
const deal: Opportunity = {
  ...given,
  pipelineId: "pipeline_1",
  stageKey: "prospecting",
  status: "OPEN",
  stageHistory: [{ fromKey: "", toKey: "prospecting", time: context.now, movedBy: "user_li" }],
};
const byLi = { closeTime: context.now, closedBy: "user_li" };
const aboutDeal = { accountId: "account_1", productIds: ["product_1"] };

const opened: OpportunityEvent = { type: "OpportunityOpened", opportunity: deal };
const moved = (fromKey: string, toKey: string): OpportunityEvent => ({
  type: "OpportunityStageAdvanced",
  change: { fromKey, toKey, time: context.now, movedBy: "user_li" },
  pipelineId: "pipeline_1",
  accountId: "account_1",
});
const won: OpportunityEvent = {
  type: "OpportunityWon",
  close: { outcome: "WON", reason: "PRICE", note: "", value: usd(280n), closeDate: day(2, 27), ...byLi },
  ...aboutDeal,
  contractId: "",
};
const lost: OpportunityEvent = {
  type: "OpportunityLost",
  close: { outcome: "LOST", reason: "NO_BUDGET", note: "", closeDate: day(3, 1), ...byLi },
  ...aboutDeal,
  contractId: "",
};
const linked = (contractId: string, contractVersion = 1, signed = false): OpportunityEvent => ({
  type: "OpportunityContractLinked",
  contractId,
  contractVersion,
  signed,
});
const unlinked = (contractId: string, contractVersion: number): OpportunityEvent => ({
  type: "OpportunityContractUnlinked",
  contractId,
  contractVersion,
});

const advance = (stageKey: string): OpportunityCommand => ({ type: "AdvanceStage", ...noEtag, stageKey });
const win: OpportunityCommand = {
  type: "WinOpportunity",
  ...noEtag,
  reason: "PRICE",
  note: "",
  value: usd(280n),
  closeDate: day(2, 27),
};
const lose = (reason: "NO_BUDGET" | "BAD_TIMING"): OpportunityCommand => ({
  type: "LoseOpportunity",
  ...noEtag,
  reason,
  note: "",
});
const reopen: OpportunityCommand = { type: "ReopenOpportunity", ...noEtag, note: "they called" };
const sign = (contractId: string, contractVersion = 5): OpportunityCommand => ({
  type: "WinByContract",
  contractId,
  contractVersion,
  value: usd(250n),
  signedDate: day(2, 28),
});
const link = (contractId: string, contractVersion: number): OpportunityCommand => ({
  type: "LinkContract",
  contractId,
  contractVersion,
});
const unlink = (contractId: string, contractVersion: number): OpportunityCommand => ({
  type: "UnlinkContract",
  contractId,
  contractVersion,
});
const remove: OpportunityCommand = { type: "DeleteOpportunity", ...noEtag };
const update = (changes: Partial<Opportunity>, ...updateMask: string[]): OpportunityCommand => ({
  type: "UpdateOpportunity",
  opportunity: { ...given, ...changes },
  updateMask,
});

const rules = specify({ decide, evolve });

describe("a new deal (C-047)", () => {
  const create = (changes: Partial<Opportunity> = {}): OpportunityCommand => ({
    type: "CreateOpportunity",
    opportunity: { ...given, ...changes },
  });
  it("stands in its pipeline's first stage", () => {
    rules.given().when(create(), context).then(opened);
  });
  it("may name the first stage, no later one and none that is unknown", () => {
    rules
      .given()
      .when(create({ stageKey: "prospecting" }), context)
      .then(opened);
    rules
      .given()
      .when(create({ stageKey: "proposal" }), context)
      .thenRefused("STAGE_SKIPPED", { from: "", to: "proposal", allowed: "prospecting" });
    rules
      .given()
      .when(create({ stageKey: "bidding" }), context)
      .thenRefused("STAGE_UNKNOWN", { stageKey: "bidding" });
  });
  it("needs an account and a pipeline that are there", () => {
    rules.given().when(create(), unknownAccount).thenRefused("ACCOUNT_NOT_FOUND", { accountId: "account_1" });
    rules
      .given()
      .when(create({ pipelineId: "pipeline_9" }), { ...context, pipeline: undefined })
      .thenRefused("PIPELINE_NOT_FOUND", { pipelineId: "pipeline_9" });
  });
  it("is put off while it cannot be known whether its account is there", () => {
    rules
      .given()
      .when(create(), { ...context, account: "UNSURE" })
      .thenRefused("PROJECTION_LAGGING");
  });
  it("may have no account", () => {
    rules
      .given()
      .when(create({ accountId: "" }), unknownAccount)
      .thenTypes(["OpportunityOpened"]);
  });
  it("is not worth less than nothing", () => {
    rules
      .given()
      .when(create({ amount: usd(-1n) }), context)
      .thenRefused("INVALID_REQUEST");
  });
  it("made from a lead does not wait for the account that is being made beside it (C-028)", () => {
    rules.given().when({ type: "OpenFromLead", opportunity: given }, unknownAccount).then(opened);
  });
});

describe("an imported deal", () => {
  const load = (
    opportunity: Partial<Opportunity>,
    close?: Extract<OpportunityCommand, { type: "ImportOpportunity" }>["close"],
  ): OpportunityCommand => ({ type: "ImportOpportunity", opportunity: { ...given, ...opportunity }, close });
  it("stands in the stage it has, whichever that is", () => {
    rules
      .given()
      .when(load({ stageKey: "negotiation" }), context)
      .thenTypes(["OpportunityImported"], (state) => {
        expect(state).toMatchObject({ status: "OPEN", stageKey: "negotiation", imported: true });
      });
  });
  it("keeps its outcome, value and business date apart from when that was recorded", () => {
    const close = { outcome: "LOST", reason: "REASON_UNSPECIFIED", note: "", value: usd(0n) } as const;
    const closeDate = { year: 2017, month: 3, day: 1 };
    rules
      .given()
      .when(load({ stageKey: "engaging" }, { ...close, closeDate, closedBy: "" }), context)
      .thenTypes(["OpportunityImported"], (state) => {
        expect(state.status).toBe("LOST");
        expect(state.close).toEqual({ ...close, closeDate, ...byLi });
      });
  });
  it("that ended must say when", () => {
    const close = { outcome: "WON", reason: "PRICE", note: "", closedBy: "" } as const;
    rules.given().when(load({}, close), context).thenRefused("INVALID_REQUEST");
  });
  it("is refused with a stage or an account that is not there", () => {
    rules
      .given()
      .when(load({ stageKey: "bidding" }), context)
      .thenRefused("STAGE_UNKNOWN");
    rules.given().when(load({}), unknownAccount).thenRefused("ACCOUNT_NOT_FOUND");
  });
});

describe("a move (C-048)", () => {
  it("goes one step forward, and the history tells", () => {
    rules
      .given(opened)
      .when(advance("engaging"), context)
      .thenTypes(["OpportunityStageAdvanced"], (state) => {
        expect(state.stageKey).toBe("engaging");
        expect(state.stageHistory.map(({ toKey }) => toKey)).toEqual(["prospecting", "engaging"]);
      });
  });
  it("skips no stage, and the refusal names the legal ones", () => {
    rules
      .given(opened, moved("prospecting", "engaging"))
      .when(advance("negotiation"), context)
      .thenRefused("STAGE_SKIPPED", { from: "engaging", to: "negotiation", allowed: "proposal, prospecting" });
  });
  it("goes back where the pipeline allows it", () => {
    rules
      .given(opened, moved("prospecting", "engaging"))
      .when(advance("prospecting"), context)
      .then(moved("engaging", "prospecting"));
  });
  it("to the present stage is quiet", () => {
    rules.given(opened).when(advance("prospecting"), context).thenNothing();
  });
  it("to a stage of no pipeline, or of a closed deal, is refused", () => {
    rules.given(opened).when(advance("bidding"), context).thenRefused("STAGE_UNKNOWN", { stageKey: "bidding" });
    rules.given(opened, won).when(advance("engaging"), context).thenRefused("OPPORTUNITY_CLOSED", { status: "WON" });
  });
  it("is remembered among the latest fifty", () => {
    const there = moved("prospecting", "engaging");
    const back = moved("engaging", "prospecting");
    const history = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? there : back));
    const state = [opened, ...history].reduce<OpportunityState | undefined>(evolve, undefined);
    expect(state?.stageHistory).toHaveLength(50);
    expect(state?.stageHistory.at(-1)?.toKey).toBe("prospecting");
  });
});

describe("a close (C-050)", () => {
  it("keeps reason, value and day of the win", () => {
    rules.given(opened).when(win, context).then(won);
  });
  it("takes the amount and today when nothing else is said", () => {
    rules
      .given(opened)
      .when({ type: "WinOpportunity", ...noEtag, reason: "PRICE", note: "" }, context)
      .thenTypes(["OpportunityWon"], (state) => {
        expect(state.close).toMatchObject({ value: usd(300n), closeDate: day(3, 1) });
      });
  });
  it("is quiet when a won deal is won, refused when it is lost", () => {
    rules.given(opened, won).when(win, context).thenNothing();
    rules.given(opened, won).when(lose("NO_BUDGET"), context).thenRefused("OPPORTUNITY_CLOSED", { status: "WON" });
  });
  it("keeps the reason of the loss", () => {
    rules.given(opened).when(lose("NO_BUDGET"), context).then(lost);
  });
  it("is quiet when a deal is lost again for the same reason, refused for another and when it is won", () => {
    const closed = rules.given(opened, lost);
    closed.when(lose("NO_BUDGET"), context).thenNothing();
    closed.when(lose("BAD_TIMING"), context).thenRefused("OPPORTUNITY_CLOSED", { status: "LOST" });
    closed.when(win, context).thenRefused("OPPORTUNITY_CLOSED", { status: "LOST" });
  });
  it("is undone by reopening, in the stage the deal stood in", () => {
    rules
      .given(opened, moved("prospecting", "engaging"), lost)
      .when(reopen, context)
      .thenTypes(["OpportunityReopened"], (state) => {
        expect(state).toMatchObject({ status: "OPEN", stageKey: "engaging" });
        expect(state.close).toBeUndefined();
      });
    rules.given(opened).when(reopen, context).thenNothing();
  });
  it("is final once a contract was signed", () => {
    rules
      .given(opened, linked("contract_1", 5, true), won)
      .when(reopen, context)
      .thenRefused("OPPORTUNITY_HAS_CONTRACT", { contractId: "contract_1" });
  });
  it("settles the deal's facts", () => {
    rules
      .given(opened, won)
      .when(update({ name: "X" }, "name"), context)
      .thenRefused("OPPORTUNITY_CLOSED");
  });
});

describe("a signature (C-057)", () => {
  const wonByContract: OpportunityEvent = {
    type: "OpportunityWon",
    close: {
      outcome: "WON",
      reason: "CONTRACT_SIGNED",
      note: "",
      value: usd(250n),
      closeDate: day(2, 28),
      ...byLi,
    },
    ...aboutDeal,
    contractId: "contract_1",
  };
  it("wins the deal at the contract's value on the day of signing", () => {
    rules
      .given(opened, linked("contract_1"))
      .when(sign("contract_1"), context)
      .then(linked("contract_1", 5, true), wonByContract);
  });
  it("wins it once, however often it is told", () => {
    rules
      .given(opened, linked("contract_1", 5, true), wonByContract)
      .when(sign("contract_1"), context)
      .thenNothing();
  });
  it("adds the contract to a deal that was won by hand, and changes nothing else", () => {
    const closed = rules.given(opened, won);
    closed.when(sign("contract_1"), context).then(linked("contract_1", 5, true));
    closed.when(sign("contract_1"), context).thenTypes(["OpportunityContractLinked"], (state) => {
      expect(state).toMatchObject({ status: "WON", contractId: "contract_1", close: { value: usd(280n) } });
    });
  });
  it("does not win a lost deal", () => {
    rules.given(opened, lost).when(sign("contract_1"), context).thenRefused("OPPORTUNITY_CLOSED", { status: "LOST" });
  });
  it("is not undone by older news of the contract", () => {
    const signed = rules.given(opened, linked("contract_1", 5, true), wonByContract);
    signed.when(link("contract_1", 1), context).thenNothing();
    signed.when(unlink("contract_1", 4), context).thenNothing();
  });
  it("of a second contract leaves the first one's win as it is", () => {
    rules
      .given(opened, linked("contract_1", 5, true), wonByContract)
      .when(sign("contract_2", 3), context)
      .thenTypes(["OpportunityContractLinked"], (state) => {
        expect(state).toMatchObject({ contractId: "contract_1", close: { value: usd(250n) } });
      });
  });
});

describe("a drafted contract", () => {
  it("is shown on the deal, and keeps it from being deleted", () => {
    rules.given(opened).when(link("contract_1", 1), context).then(linked("contract_1"));
    rules
      .given(opened, linked("contract_1"))
      .when(remove, context)
      .thenRefused("OPPORTUNITY_HAS_CONTRACT", { contractId: "contract_1" });
  });
  it("that is cancelled leaves the deal to the one that still stands", () => {
    rules
      .given(opened, linked("contract_1"), linked("contract_2"))
      .when(unlink("contract_2", 3), context)
      .thenTypes(["OpportunityContractUnlinked"], (state) => {
        expect(state.contractId).toBe("contract_1");
      });
    rules
      .given(opened, linked("contract_1"), unlinked("contract_1", 3))
      .when(remove, context)
      .thenTypes(["OpportunityDeleted"]);
  });
  it("ends up the same in whatever order and however often its news comes", () => {
    const news = [link("contract_1", 1), unlink("contract_1", 3), link("contract_1", 4), unlink("contract_1", 6)];
    const orders = fc.shuffledSubarray([...news, ...news], { minLength: news.length * 2 });
    fc.assert(
      fc.property(orders, (order) => {
        let state = evolve(undefined, opened);
        for (const command of order) {
          const outcome = decide(command, state, context);
          if ("kind" in outcome) throw new Error(outcome.reason);
          state = outcome.reduce<OpportunityState>(evolve, state);
        }
        expect(state.contractId).toBe("");
        expect(state.contracts).toEqual([{ id: "contract_1", version: 6, standing: "ENDED" }]);
      }),
    );
  });
});

describe("a correction", () => {
  it("changes the fields that differ", () => {
    rules
      .given(opened)
      .when(update({ name: "Acme ink", amount: usd(300n) }, "name", "amount"), context)
      .thenTypes(["OpportunityEdited"], (state) => {
        expect(state.name).toBe("Acme ink");
      });
    rules
      .given(opened)
      .when(update({}, "name", "amount"), context)
      .thenNothing();
  });
  it("to an account that is not there is refused, but not for the account it has", () => {
    const deals = rules.given(opened);
    deals.when(update({ accountId: "account_9" }, "account_id"), unknownAccount).thenRefused("ACCOUNT_NOT_FOUND");
    deals.when(update({ accountId: "account_9", name: "X" }, "name"), unknownAccount).thenTypes(["OpportunityEdited"]);
    deals.when(update({ accountId: "" }, "account_id"), unknownAccount).thenTypes(["OpportunityEdited"]);
  });
  it("below zero is refused", () => {
    rules
      .given(opened)
      .when(update({ amount: usd(-5n) }, "amount"), context)
      .thenRefused("INVALID_REQUEST");
  });
});

describe("whatever is asked of a deal", () => {
  const commands: OpportunityCommand[] = [
    advance("prospecting"),
    advance("engaging"),
    advance("proposal"),
    advance("negotiation"),
    win,
    lose("NO_BUDGET"),
    lose("BAD_TIMING"),
    reopen,
    link("contract_1", 1),
    unlink("contract_1", 3),
    sign("contract_1"),
    sign("contract_2"),
    update({ amount: usd(99n) }, "amount"),
    remove,
    { type: "UndeleteOpportunity", ...noEtag },
  ];
  it("it has an outcome exactly when it is closed, stands in a stage of its pipeline, and a signature holds", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 40 }), (sequence) => {
        let state = evolve(undefined, opened);
        let signed = "";
        for (const command of sequence) {
          const outcome = decide(command, state, context);
          if ("kind" in outcome) continue;
          const before = state;
          state = outcome.reduce<OpportunityState>(evolve, state);
          expect(state.close?.outcome).toBe(state.status === "OPEN" ? undefined : state.status);
          expect(defaultPipeline.stages.map(({ key }) => key)).toContain(state.stageKey);
          if (before.status !== "OPEN" && state.status !== before.status) expect(state.status).toBe("OPEN");
          signed ||= state.contracts?.find(({ standing }) => standing === "SIGNED")?.id ?? "";
          if (signed !== "") expect(state).toMatchObject({ status: "WON", contractId: signed });
        }
      }),
    );
  });
  it("repeating it at once changes nothing more", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 20 }), (sequence) => {
        let state = evolve(undefined, opened);
        for (const command of sequence) {
          const outcome = decide(command, state, context);
          if ("kind" in outcome) continue;
          state = outcome.reduce<OpportunityState>(evolve, state);
          expect(decide(command, state, context)).toEqual([]);
        }
      }),
    );
  });
});
