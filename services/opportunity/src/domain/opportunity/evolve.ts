import { appendBounded, withChanges } from "@keynode/decider/record";
import type { OpportunityEvent } from "./events.ts";
import { contractOf, type DealContract, type OpportunityState } from "./state.ts";

/** Moves that a deal keeps. */
const historyLimit = 50;

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: OpportunityState | undefined, event: OpportunityEvent): OpportunityState => {
  if (event.type === "OpportunityOpened" || event.type === "OpportunityImported") {
    return event.opportunity as OpportunityState;
  }
  return evolveOpportunity(state as OpportunityState, event);
};

type LaterEvent = Exclude<OpportunityEvent, { type: "OpportunityOpened" | "OpportunityImported" }>;

const evolveOpportunity = (state: OpportunityState, event: LaterEvent): OpportunityState => {
  switch (event.type) {
    case "OpportunityEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "OpportunityStageAdvanced":
      return event.change === undefined
        ? state
        : {
            ...state,
            stageKey: event.change.toKey,
            stageHistory: appendBounded(state.stageHistory, event.change, historyLimit),
          };
    case "OpportunityWon":
      return { ...state, status: "WON", close: event.close };
    case "OpportunityLost":
      return { ...state, status: "LOST", close: event.close };
    case "OpportunityReopened":
      return { ...state, status: "OPEN", close: undefined };
    case "OpportunityContractLinked":
      return withContract(state, {
        id: event.contractId,
        version: event.contractVersion,
        standing: event.signed ? "SIGNED" : "LIVE",
      });
    case "OpportunityContractUnlinked":
      return withContract(state, { id: event.contractId, version: event.contractVersion, standing: "ENDED" });
    case "OpportunityReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
    case "OpportunityDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "OpportunityRestored":
      return { ...state, deleteTime: undefined };
  }
};

const withContract = (state: OpportunityState, contract: DealContract): OpportunityState => {
  const contracts = [...(state.contracts ?? []).filter(({ id }) => id !== contract.id), contract];
  return { ...state, contracts, contractId: contractOf(contracts) };
};
