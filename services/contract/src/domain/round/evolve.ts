import type { Round } from "@keynode/contracts/crm/contract/v1/round";
import type { RoundEvent } from "./events.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: Round | undefined, event: RoundEvent): Round => {
  if (event.type === "RoundOpened") return event.round as Round;
  return evolveRound(state as Round, event);
};

const evolveRound = (state: Round, event: Exclude<RoundEvent, { type: "RoundOpened" }>): Round => {
  switch (event.type) {
    case "RoundAccepted":
      return { ...state, acceptedBy: [...state.acceptedBy, event.party], agreed: event.agreed };
    case "RoundReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
  }
};
