import type { Contract_Clause } from "@keynode/contracts/crm/contract/v1/contract";
import { withChanges } from "@keynode/decider/record";
import type { ContractEvent } from "./events.ts";
import type { ContractState } from "./state.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: ContractState | undefined, event: ContractEvent): ContractState => {
  if (event.type === "ContractDrafted") {
    const contract = event.contract as ContractState;
    return { ...contract, clauseCount: contract.clauses.length };
  }
  return evolveContract(state as ContractState, event);
};

const evolveContract = (
  state: ContractState,
  event: Exclude<ContractEvent, { type: "ContractDrafted" }>,
): ContractState => {
  switch (event.type) {
    case "ContractEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "ContractClauseAdded":
      return event.clause === undefined
        ? state
        : { ...state, clauses: [...state.clauses, event.clause], clauseCount: (state.clauseCount ?? 0) + 1 };
    case "ContractClauseRemoved":
      return { ...state, clauses: state.clauses.filter(({ id }) => id !== event.clauseId) };
    case "ContractPositionProposed":
      return {
        ...withClause(state, event.clauseId, (clause) => ({
          ...clause,
          text: event.position,
          status: "OPEN",
          round: event.round,
          acceptedBy: [event.party],
          agreedRound: undefined,
        })),
        status: "NEGOTIATING",
        roundCount: state.roundCount + 1,
        proposers: { ...state.proposers, [event.clauseId]: event.party },
      };
    case "ContractClauseAccepted":
      return {
        ...withClause(state, event.clauseId, (clause) => ({
          ...clause,
          acceptedBy: [...clause.acceptedBy, event.party],
        })),
        status: "NEGOTIATING",
      };
    case "ContractClauseAgreed":
      return withClause(state, event.clauseId, (clause) => ({
        ...clause,
        status: "AGREED",
        agreedRound: event.round,
      }));
    case "ContractSigned": {
      const { signatories, signedDate, signTime } = event;
      return { ...state, status: "SIGNED", signatories, signedDate, signTime };
    }
    case "ContractCancelled":
      return { ...state, status: "CANCELLED", cancelReason: event.reason };
    case "ContractReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
    case "ContractDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "ContractRestored":
      return { ...state, deleteTime: undefined };
  }
};

const withClause = (
  state: ContractState,
  clauseId: string,
  change: (clause: Contract_Clause) => Contract_Clause,
): ContractState => ({
  ...state,
  clauses: state.clauses.map((clause) => (clause.id === clauseId ? change(clause) : clause)),
});
