import type { ContractRule } from "../command.ts";
import { refuseClosed } from "../refusals.ts";

/** C-055. Taking out a clause that is not there yields []. Errors: CONTRACT_SIGNED, CONTRACT_CANCELLED. */
export const removeClause: ContractRule<"RemoveClause"> = ({ clauseId }, state) =>
  refuseClosed(state) ??
  (state.clauses.some(({ id }) => id === clauseId) ? [{ type: "ContractClauseRemoved", clauseId }] : []);
