import type { KeyNodeEvent, KeyNodeState } from "./state.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: KeyNodeState | undefined, event: KeyNodeEvent): KeyNodeState => {
  if (event.type === "KeyNodeRecorded") return { ...(event.keyNode as KeyNodeState), status: "OPEN" };
  return evolveKeyNode(state as KeyNodeState, event);
};

const evolveKeyNode = (
  state: KeyNodeState,
  event: Exclude<KeyNodeEvent, { type: "KeyNodeRecorded" }>,
): KeyNodeState => {
  switch (event.type) {
    case "KeyNodeJoinedAccount":
      return { ...state, accountId: event.accountId };
    case "KeyNodeBecameLate":
      return { ...state, status: "LATE" };
    case "KeyNodeResponded":
      return {
        ...state,
        status: "DONE",
        outcome: event.outcome,
        responseTime: event.responseTime,
        respondedBy: event.respondedBy,
        respondedLate: event.late,
      };
    case "KeyNodeWaived":
      return { ...state, status: "WAIVED", outcome: event.reason };
    case "KeyNodeReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
  }
};
