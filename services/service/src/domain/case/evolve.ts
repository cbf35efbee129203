import type { Case_Step } from "@keynode/contracts/crm/service/v1/case";
import { evolveStandard } from "@keynode/decider/crud";
import { appendBounded } from "@keynode/decider/record";
import type { CaseEvent } from "./events.ts";
import type { CaseState } from "./state.ts";

/** Steps that a case keeps. */
const stepsKept = 50;

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: CaseState | undefined, event: CaseEvent): CaseState => {
  if (event.type === "CaseOpened") return event.case as CaseState;
  return evolveCase(state as CaseState, event);
};

const evolveCase = (state: CaseState, event: Exclude<CaseEvent, { type: "CaseOpened" }>): CaseState => {
  switch (event.type) {
    case "CaseAssigned": {
      const assigneeId = event.step?.assigneeId ?? state.assigneeId;
      return {
        ...stepped(state, event.step),
        assigneeId,
        ownerId: assigneeId,
        teamId: event.teamId || state.teamId,
        assignTime: event.step?.time,
      };
    }
    case "CaseCoverFound":
      return { ...state, coverStatus: "IN_COVER", coverContractId: event.contractId };
    case "CaseSolved":
      return { ...stepped(state, event.step), solution: event.solution, solveTime: event.step?.time };
    case "CaseConfirmed":
      return { ...stepped(state, event.step), confirmTime: event.step?.time, closeTime: event.step?.time };
    case "CaseReopened":
      return {
        ...stepped(state, event.step),
        confirmTime: undefined,
        closeTime: undefined,
        reopenCount: state.reopenCount + 1,
      };
    case "CaseClosed":
      return { ...stepped(state, event.step), closeTime: event.step?.time };
    case "CaseReassigned": {
      // Whoever works on a case owns it, so it is worked on by its new owner.
      const assigneeId = state.assigneeId === event.fromOwnerId ? event.ownerId : state.assigneeId;
      return { ...state, ownerId: event.ownerId, teamId: event.teamId, assigneeId };
    }
    case "CaseEdited":
    case "CaseDeleted":
    case "CaseRestored":
      return evolveStandard("Case", state, event) ?? state;
  }
};

const stepped = (state: CaseState, step: Case_Step | undefined): CaseState =>
  step === undefined
    ? state
    : { ...state, status: step.status, history: appendBounded(state.history, step, stepsKept) };
