import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { ContractRule } from "../command.ts";
import { clauseOf, refuseClosed } from "../refusals.ts";
import { parties } from "../state.ts";

/**
 * C-055. The second side's acceptance makes the clause agreed. Accepting again yields [].
 * Errors: CONTRACT_SIGNED, CONTRACT_CANCELLED, CLAUSE_NOT_FOUND, ROUND_PASSED.
 */
export const acceptClause: ContractRule<"AcceptClause"> = ({ clauseId, party, round: named }, state) => {
  const clause = refuseClosed(state) ?? clauseOf(state, clauseId);
  if (isDomainError(clause)) return clause;
  const { round, title, text, acceptedBy } = clause;
  if (named !== undefined && named !== round) return reject("ROUND_PASSED", { round: String(round) });
  if (acceptedBy.includes(party)) return [];
  const isAgreed = parties.every((each) => each === party || acceptedBy.includes(each));
  return [
    { type: "ContractClauseAccepted", clauseId, round, party },
    ...(isAgreed ? [{ type: "ContractClauseAgreed" as const, clauseId, round, title, text }] : []),
  ];
};
