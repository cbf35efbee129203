import { evolveStandard } from "@keynode/decider/crud";
import { appendBounded } from "@keynode/decider/record";
import type { AccountEvent } from "./events.ts";
import type { AccountState } from "./state.ts";

const stageChangesKept = 50;
const leadsKept = 100;

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: AccountState | undefined, event: AccountEvent): AccountState => {
  if (event.type === "AccountCreated") return created(event.account as AccountState);
  return evolveAccount(state as AccountState, event);
};

const evolveAccount = (state: AccountState, event: Exclude<AccountEvent, { type: "AccountCreated" }>): AccountState => {
  switch (event.type) {
    case "AccountLeadJoined":
      return {
        ...state,
        leadIds: appendBounded(state.leadIds, event.leadId, leadsKept),
        needs: [...state.needs, ...event.needs],
        interests: [...state.interests, ...event.interests],
      };
    case "AccountStageChanged": {
      const { change } = event;
      if (change === undefined) return state;
      return {
        ...state,
        stage: change.to,
        stageChanges: appendBounded(state.stageChanges, change, stageChangesKept),
        convertTime: change.to === "CLOSED_WON" ? (state.convertTime ?? change.time) : state.convertTime,
      };
    }
    case "AccountPurchasesCounted":
      return { ...state, purchaseCount: event.purchaseCount, purchaseTotals: event.purchaseTotals };
    case "AccountEdited":
    case "AccountReassigned":
    case "AccountDeleted":
    case "AccountRestored":
      return evolveStandard("Account", state, event) ?? state;
  }
};

const created = (account: AccountState): AccountState => ({
  ...account,
  stage: account.stage === "STAGE_UNSPECIFIED" ? "POTENTIAL" : account.stage,
});
