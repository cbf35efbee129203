import { reject } from "@keynode/decider/domain-error";
import type { ContractRule } from "../command.ts";
import { refuseClosed } from "../refusals.ts";
import { clauseLimit, newClause } from "../state.ts";

/** C-055. Errors: CONTRACT_SIGNED, CONTRACT_CANCELLED, TOO_MANY_CLAUSES. */
export const addClause: ContractRule<"AddClause"> = ({ title, text }, state) => {
  const closed = refuseClosed(state);
  if (closed !== undefined) return closed;
  if (state.clauses.length >= clauseLimit) return reject("TOO_MANY_CLAUSES", { limit: String(clauseLimit) });
  return [{ type: "ContractClauseAdded", clause: newClause({ title, text }, state.clauseCount ?? 0) }];
};
