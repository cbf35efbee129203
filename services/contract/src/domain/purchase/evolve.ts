import type { PurchaseEvent } from "./events.ts";
import type { PurchaseState } from "./state.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: PurchaseState | undefined, event: PurchaseEvent): PurchaseState => {
  if (event.type === "PurchaseRecorded") return event.purchase as PurchaseState;
  return evolvePurchase(state as PurchaseState, event);
};

const evolvePurchase = (
  state: PurchaseState,
  event: Exclude<PurchaseEvent, { type: "PurchaseRecorded" }>,
): PurchaseState => {
  switch (event.type) {
    case "PurchaseReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
    case "PurchaseDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "PurchaseRestored":
      return { ...state, deleteTime: undefined };
  }
};
