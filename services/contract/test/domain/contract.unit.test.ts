import { Contract, type Contract_Signatory } from "@keynode/contracts/crm/contract/v1/contract";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ContractCommand } from "../../src/domain/contract/command.ts";
import type { ContractContext } from "../../src/domain/contract/context.ts";
import { decide } from "../../src/domain/contract/decide.ts";
import type { ContractEvent } from "../../src/domain/contract/events.ts";
import { evolve } from "../../src/domain/contract/evolve.ts";
import { type ContractState, newClause } from "../../src/domain/contract/state.ts";

const usd = (units: bigint) => ({ currencyCode: "USD", units, nanos: 0 });
const cny = (units: bigint) => ({ currencyCode: "CNY", units, nanos: 0 });
const day = (month: number, date: number) => ({ year: 2026, month, day: date });
const line = (productId: string, quantity: number, unitPrice = usd(50n)) => ({ productId, quantity, unitPrice });
const context: ContractContext = {
  now: new Date("2026-03-01T08:00:00Z"),
  actor: "user_li",
  today: day(3, 1),
  number: "C-000001",
  account: "KNOWN",
  opportunity: "KNOWN",
  isOpportunityLost: false,
  missingProductIds: [],
};
const noEtag = { id: "contract_1", etag: "" };
const given = Contract.fromPartial({
  ownerId: "user_li",
  teamId: "team_east",
  accountId: "account_1",
  opportunityId: "opportunity_1",
  title: "Printers 2026",
  lines: [line("product_1", 2)],
  cover: { fromDate: day(3, 1), untilDate: day(12, 31) },
});
const payment = { title: "Payment", text: "30 days" };
const delivery = { title: "Delivery", text: "within a week" };
const draft: Contract = {
  ...given,
  number: "C-000001",
  status: "DRAFT",
  value: usd(100n),
  clauses: [payment, delivery].map(newClause),
};
const signatories: Contract_Signatory[] = [
  { name: "李雷", party: "OURS", jobTitle: "" },
  { name: "W. Fang", party: "THEIRS", jobTitle: "CEO" },
];

const drafted: ContractEvent = { type: "ContractDrafted", contract: draft };
const proposed = (clauseId: string, round: number, party: "OURS" | "THEIRS", position: string): ContractEvent => ({
  type: "ContractPositionProposed",
  clauseId,
  round,
  party,
  position,
  proposeTime: context.now,
  proposedBy: "user_li",
});
const accepted = (clauseId: string, round: number, party: "OURS" | "THEIRS"): ContractEvent => ({
  type: "ContractClauseAccepted",
  clauseId,
  round,
  party,
});
const agreed = (clauseId: string, round: number, { title, text }: typeof payment): ContractEvent => ({
  type: "ContractClauseAgreed",
  clauseId,
  round,
  title,
  text,
});
const agreedToDraft = (clauseId: string, clause: typeof payment): ContractEvent[] => [
  accepted(clauseId, 0, "OURS"),
  accepted(clauseId, 0, "THEIRS"),
  agreed(clauseId, 0, clause),
];
const allAgreed = [...agreedToDraft("c1", payment), ...agreedToDraft("c2", delivery)];
const signed: ContractEvent = {
  type: "ContractSigned",
  number: "C-000001",
  accountId: "account_1",
  opportunityId: "opportunity_1",
  title: "Printers 2026",
  value: usd(100n),
  lines: given.lines,
  cover: given.cover,
  signatories,
  signedDate: day(3, 1),
  signTime: context.now,
  ownerId: "user_li",
  teamId: "team_east",
};
const cancelled: ContractEvent = { type: "ContractCancelled", reason: "no deal", opportunityId: "opportunity_1" };

const create = (changes: Partial<Contract> = {}): ContractCommand => ({
  type: "CreateContract",
  contract: { ...given, clauses: [payment, delivery].map(newClause), ...changes },
});
const update = (changes: Partial<Contract>, ...updateMask: string[]): ContractCommand => ({
  type: "UpdateContract",
  contract: { ...given, value: undefined, ...changes },
  updateMask,
});
const propose = (clauseId: string, party: "OURS" | "THEIRS", position: string): ContractCommand => ({
  type: "ProposePosition",
  ...noEtag,
  clauseId,
  party,
  position,
});
const accept = (clauseId: string, party: "OURS" | "THEIRS", round?: number): ContractCommand => ({
  type: "AcceptClause",
  ...noEtag,
  clauseId,
  party,
  round,
});
const add: ContractCommand = { type: "AddClause", ...noEtag, title: "Warranty", text: "two years" };
const remove = (clauseId: string): ContractCommand => ({ type: "RemoveClause", ...noEtag, clauseId });
const sign: ContractCommand = { type: "SignContract", ...noEtag, signatories };
const cancel: ContractCommand = { type: "CancelContract", ...noEtag, reason: "no deal" };
const deleteIt: ContractCommand = { type: "DeleteContract", ...noEtag };

const rules = specify({ decide, evolve });

describe("a draft (C-055)", () => {
  it("takes its number, the sum of its lines as its value, and clauses that nobody has accepted", () => {
    rules.given().when(create(), context).then(drafted);
  });
  it("cannot bring clauses that are agreed", () => {
    const clauses = [{ ...newClause(payment, 7), status: "AGREED" as const, round: 3, agreedRound: 3 }];
    rules
      .given()
      .when(create({ clauses }), context)
      .thenTypes(["ContractDrafted"], (state) => {
        expect(state.clauses).toEqual([newClause(payment, 0)]);
      });
  });
  it("keeps a value that is said, in whatever currency its lines are", () => {
    const lines = [line("product_1", 1), line("product_2", 1, cny(9n))];
    rules
      .given()
      .when(create({ value: usd(88n), lines }), context)
      .thenTypes(["ContractDrafted"], (state) => {
        expect(state.value).toEqual(usd(88n));
      });
    rules.given().when(create({ lines }), context).thenRefused("MIXED_CURRENCIES", { currencies: "CNY, USD" });
  });
  it("may have neither value nor line", () => {
    rules
      .given()
      .when(create({ lines: [] }), context)
      .thenTypes(["ContractDrafted"], (state) => {
        expect(state.value).toBeUndefined();
      });
  });
  it("needs an account, a deal that is not lost, and products that are there", () => {
    const refused = (more: Partial<ContractContext>) => rules.given().when(create(), { ...context, ...more });
    refused({ account: "MISSING" }).thenRefused("ACCOUNT_NOT_FOUND", { accountId: "account_1" });
    refused({ account: "UNSURE" }).thenRefused("PROJECTION_LAGGING");
    refused({ opportunity: "MISSING" }).thenRefused("OPPORTUNITY_NOT_FOUND", { opportunityId: "opportunity_1" });
    refused({ isOpportunityLost: true }).thenRefused("OPPORTUNITY_CLOSED");
    refused({ missingProductIds: ["product_1"] }).thenRefused("PRODUCT_NOT_FOUND", { productId: "product_1" });
  });
  it("covers no time that ends before it begins, but a single day", () => {
    const cover = (until: number) => ({ fromDate: day(3, 2), untilDate: day(3, until) });
    rules
      .given()
      .when(create({ cover: cover(1) }), context)
      .thenRefused("COVER_INVALID");
    rules
      .given()
      .when(create({ cover: cover(2) }), context)
      .thenTypes(["ContractDrafted"]);
  });
  it("has no price below zero and no total that an amount cannot hold", () => {
    rules
      .given()
      .when(create({ lines: [line("product_1", 1, usd(-1n))] }), context)
      .thenRefused("INVALID_REQUEST");
    const lines = [line("product_1", 1_000_000_000, usd(10n ** 18n))];
    rules.given().when(create({ lines }), context).thenRefused("AMOUNT_OUT_OF_RANGE");
  });
});

describe("a correction", () => {
  it("of the lines carries the value along that was their sum", () => {
    const lines = [line("product_1", 3)];
    rules
      .given(drafted)
      .when(update({ lines }, "lines"), context)
      .thenTypes(["ContractEdited"], (state) => {
        expect(state).toMatchObject({ lines, value: usd(150n) });
      });
  });
  it("of the lines leaves a value alone that was said", () => {
    const lines = [line("product_1", 3)];
    const said: ContractEvent = { type: "ContractDrafted", contract: { ...draft, value: usd(88n) } };
    rules
      .given(said)
      .when(update({ lines }, "lines"), context)
      .thenTypes(["ContractEdited"], (state) => {
        expect(state.value).toEqual(usd(88n));
      });
  });
  it("that takes the value out brings the sum of the lines back", () => {
    const said: ContractEvent = { type: "ContractDrafted", contract: { ...draft, value: usd(88n) } };
    rules
      .given(said)
      .when(update({}, "value"), context)
      .thenTypes(["ContractEdited"], (state) => {
        expect(state.value).toEqual(usd(100n));
      });
  });
  it("that changes nothing is quiet", () => {
    rules
      .given(drafted)
      .when(update({}, "title", "lines", "cover"), context)
      .thenNothing();
  });
  it("asks for products only where it changes the lines", () => {
    const missing = { ...context, missingProductIds: ["product_9"] };
    const lines = [line("product_9", 1)];
    rules.given(drafted).when(update({ lines }, "lines"), missing).thenRefused("PRODUCT_NOT_FOUND");
    rules
      .given(drafted)
      .when(update({ lines, title: "X" }, "title"), missing)
      .thenTypes(["ContractEdited"]);
  });
  it("is refused where a new contract would be", () => {
    const mixed = [line("product_1", 1), line("product_2", 1, cny(9n))];
    const cover = { fromDate: day(3, 2), untilDate: day(3, 1) };
    rules
      .given(drafted)
      .when(update({ lines: mixed }, "lines"), context)
      .thenRefused("MIXED_CURRENCIES");
    rules.given(drafted).when(update({ cover }, "cover"), context).thenRefused("COVER_INVALID");
    rules
      .given(drafted)
      .when(update({ value: usd(-1n) }, "value"), context)
      .thenRefused("INVALID_REQUEST");
  });
  it("of a contract that is closed is refused", () => {
    rules
      .given(drafted, ...allAgreed, signed)
      .when(update({}, "title"), context)
      .thenRefused("CONTRACT_SIGNED");
    rules.given(drafted, cancelled).when(update({}, "title"), context).thenRefused("CONTRACT_CANCELLED");
  });
});

describe("a negotiation (C-055)", () => {
  it("opens a round with every new wording, which its side accepts thereby", () => {
    rules
      .given(drafted)
      .when(propose("c1", "THEIRS", "60 days"), context)
      .then(proposed("c1", 1, "THEIRS", "60 days"));
    rules
      .given(drafted)
      .when(propose("c1", "THEIRS", "60 days"), context)
      .thenTypes(["ContractPositionProposed"], (state) => {
        expect(state).toMatchObject({ status: "NEGOTIATING", roundCount: 1 });
        expect(state.clauses[0]).toMatchObject({ text: "60 days", round: 1, acceptedBy: ["THEIRS"], status: "OPEN" });
      });
  });
  it("is agreed in round 2 when both accept, and the other clause stays open", () => {
    rules
      .given(drafted, proposed("c1", 1, "THEIRS", "60 days"), proposed("c1", 2, "OURS", "45 days"))
      .when(accept("c1", "THEIRS"), context)
      .thenTypes(["ContractClauseAccepted", "ContractClauseAgreed"], (state) => {
        expect(state.clauses.map(({ status, agreedRound }) => [status, agreedRound])).toEqual([
          ["AGREED", 2],
          ["OPEN", undefined],
        ]);
      });
  });
  it("may agree to the draft's wording, which nobody proposed", () => {
    const both = rules.given(drafted, accepted("c1", 0, "OURS"));
    both.when(accept("c1", "THEIRS"), context).then(accepted("c1", 0, "THEIRS"), agreed("c1", 0, payment));
  });
  it("is open again with the next wording", () => {
    rules
      .given(drafted, ...agreedToDraft("c1", payment))
      .when(propose("c1", "OURS", "10 days"), context)
      .thenTypes(["ContractPositionProposed"], (state) => {
        expect(state.clauses[0]).toMatchObject({ status: "OPEN", round: 1, acceptedBy: ["OURS"] });
        expect(state.clauses[0]?.agreedRound).toBeUndefined();
      });
  });
  it("is quiet about a side's own present wording and a second acceptance", () => {
    const first = proposed("c1", 1, "THEIRS", "60 days");
    rules
      .given(drafted, first)
      .when(propose("c1", "THEIRS", "60 days"), context)
      .thenNothing();
    rules
      .given(drafted, first)
      .when(accept("c1", "THEIRS", 1), context)
      .thenNothing();
  });
  it("does not take an acceptance for a wording that has passed", () => {
    rules
      .given(drafted, proposed("c1", 1, "THEIRS", "60 days"), proposed("c1", 2, "OURS", "45 days"))
      .when(accept("c1", "OURS", 1), context)
      .thenRefused("ROUND_PASSED", { round: "2" });
  });
  it("knows no clause that is not there", () => {
    rules
      .given(drafted)
      .when(propose("c9", "OURS", "x"), context)
      .thenRefused("CLAUSE_NOT_FOUND", { clauseId: "c9" });
    rules.given(drafted).when(accept("c9", "OURS"), context).thenRefused("CLAUSE_NOT_FOUND", { clauseId: "c9" });
  });
  it("may add clauses, and takes one out once", () => {
    const removed: ContractEvent = { type: "ContractClauseRemoved", clauseId: "c2" };
    rules.given(drafted).when(remove("c2"), context).then(removed);
    rules.given(drafted, removed).when(remove("c2"), context).thenNothing();
    rules
      .given(drafted, removed)
      .when(add, context)
      .thenTypes(["ContractClauseAdded"], (state) => {
        expect(state.clauses.map(({ id }) => id)).toEqual(["c1", "c3"]);
      });
  });
  it("is about a hundred clauses at most", () => {
    const clauses = Array.from({ length: 100 }, () => payment).map(newClause);
    const full: ContractEvent = { type: "ContractDrafted", contract: { ...draft, clauses } };
    rules.given(full).when(add, context).thenRefused("TOO_MANY_CLAUSES", { limit: "100" });
  });
});

describe("a signature (C-056)", () => {
  it("carries all that others make of it", () => {
    rules
      .given(drafted, ...allAgreed)
      .when(sign, context)
      .then(signed);
  });
  it("is refused naming the clauses that are open", () => {
    rules.given(drafted).when(sign, context).thenRefused("CONTRACT_CLAUSES_OPEN", { clauses: "Payment, Delivery" });
    rules
      .given(drafted, ...agreedToDraft("c1", payment))
      .when(sign, context)
      .thenRefused("CONTRACT_CLAUSES_OPEN", { clauses: "Delivery" });
  });
  it("is refused without clauses, without a value, and unless both sides sign", () => {
    const bare: ContractEvent = { type: "ContractDrafted", contract: { ...draft, clauses: [] } };
    rules.given(bare).when(sign, context).thenRefused("CONTRACT_WITHOUT_CLAUSES");
    const worthless: ContractEvent = { type: "ContractDrafted", contract: { ...draft, lines: [], value: undefined } };
    rules
      .given(worthless, ...allAgreed)
      .when(sign, context)
      .thenRefused("CONTRACT_WITHOUT_VALUE");
    const ours = signatories.map((signatory) => ({ ...signatory, party: "OURS" as const }));
    rules
      .given(drafted, ...allAgreed)
      .when({ type: "SignContract", ...noEtag, signatories: ours }, context)
      .thenRefused("SIGNATORY_MISSING", { party: "THEIRS" });
  });
  it("bears the day that is said", () => {
    rules
      .given(drafted, ...allAgreed)
      .when({ type: "SignContract", ...noEtag, signatories, signedDate: day(2, 28) }, context)
      .thenTypes(["ContractSigned"], (state) => {
        expect(state).toMatchObject({ status: "SIGNED", signedDate: day(2, 28), signTime: context.now });
      });
  });
  it("settles the contract", () => {
    const closed = rules.given(drafted, ...allAgreed, signed);
    closed.when(sign, context).thenNothing();
    for (const command of [cancel, deleteIt, add, remove("c1"), accept("c1", "OURS"), propose("c1", "OURS", "x")]) {
      closed.when(command, context).thenRefused("CONTRACT_SIGNED", { number: "C-000001" });
    }
  });
});

describe("giving a contract up", () => {
  it("happens once and settles it", () => {
    rules.given(drafted).when(cancel, context).then(cancelled);
    const closed = rules.given(drafted, ...allAgreed, cancelled);
    closed.when(cancel, context).thenNothing();
    for (const command of [sign, add, remove("c1"), accept("c1", "OURS"), propose("c1", "OURS", "x")]) {
      closed.when(command, context).thenRefused("CONTRACT_CANCELLED", { number: "C-000001" });
    }
    closed.when(deleteIt, context).thenTypes(["ContractDeleted"]);
  });
});

describe("whatever is asked of a contract", () => {
  const commands: ContractCommand[] = [
    propose("c1", "OURS", "45 days"),
    propose("c1", "THEIRS", "60 days"),
    propose("c2", "THEIRS", "today"),
    accept("c1", "OURS"),
    accept("c1", "THEIRS"),
    accept("c2", "OURS"),
    accept("c2", "THEIRS", 0),
    accept("c3", "OURS"),
    add,
    remove("c2"),
    update({ lines: [line("product_1", 7)] }, "lines"),
    sign,
    cancel,
    deleteIt,
    { type: "UndeleteContract", ...noEtag },
  ];
  it("nothing is signed but what both sides accept, and nothing changes after", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 60 }), (sequence) => {
        let state = evolve(undefined, drafted);
        for (const command of sequence) {
          // What is deleted takes nothing else; the aggregate refuses it before anything is decided.
          if (state.deleteTime !== undefined && command.type !== "UndeleteContract") continue;
          const outcome = decide(command, state, context);
          if ("kind" in outcome) continue;
          if (state.status === "SIGNED") expect(outcome).toEqual([]);
          state = outcome.reduce<ContractState>(evolve, state);
          for (const { status, acceptedBy, round, agreedRound } of state.clauses) {
            expect(status === "AGREED").toBe(acceptedBy.length === 2);
            expect(agreedRound).toBe(status === "AGREED" ? round : undefined);
          }
          expect(new Set(state.clauses.map(({ id }) => id)).size).toBe(state.clauses.length);
          if (state.status === "SIGNED") expect(state.clauses.every(({ status }) => status === "AGREED")).toBe(true);
        }
      }),
    );
  });
});
