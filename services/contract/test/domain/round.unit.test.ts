import { Round } from "@keynode/contracts/crm/contract/v1/round";
import { specify } from "@keynode/decider/testing";
import { describe, it } from "vitest";
import { decide } from "../../src/domain/round/decide.ts";
import type { RoundEvent } from "../../src/domain/round/events.ts";
import { evolve } from "../../src/domain/round/evolve.ts";

const context = { now: new Date("2026-03-01T08:00:00Z") };
const round = Round.fromPartial({
  ownerId: "user_li",
  contractId: "contract_1",
  clauseId: "c1",
  number: 1,
  party: "OURS",
});
const opened: RoundEvent = { type: "RoundOpened", round: { ...round, acceptedBy: ["OURS"] } };
const agreed: RoundEvent = { type: "RoundAccepted", party: "THEIRS", agreed: true };
const rules = specify({ decide, evolve });

describe("a round (C-055)", () => {
  it("is accepted by the side that proposes", () => {
    rules.given().when({ type: "OpenRound", round }, context).then(opened);
  });
  it("is agreed when the other side accepts, once", () => {
    rules.given(opened).when({ type: "AcceptRound", party: "OURS" }, context).thenNothing();
    rules.given(opened).when({ type: "AcceptRound", party: "THEIRS" }, context).then(agreed);
    rules.given(opened, agreed).when({ type: "AcceptRound", party: "THEIRS" }, context).thenNothing();
  });
  it("goes where its contract goes, once", () => {
    const handed: RoundEvent = {
      type: "RoundReassigned",
      fromOwnerId: "user_li",
      fromTeamId: "",
      ownerId: "user_zhao",
      teamId: "team_east",
    };
    const hand = { type: "ReassignRound", ownerId: "user_zhao", teamId: "team_east" } as const;
    rules.given(opened).when(hand, context).then(handed);
    rules.given(opened, handed).when(hand, context).thenNothing();
  });
});
