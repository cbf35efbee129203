import { isDomainError } from "@keynode/decider/domain-error";
import type { ContractRule } from "../command.ts";
import { clauseOf, refuseClosed } from "../refusals.ts";

/**
 * C-055. Opens the clause's next round. A side's own present wording yields [].
 * Errors: CONTRACT_SIGNED, CONTRACT_CANCELLED, CLAUSE_NOT_FOUND.
 */
export const proposePosition: ContractRule<"ProposePosition"> = (
  { clauseId, party, position },
  state,
  { now, actor },
) => {
  const clause = refuseClosed(state) ?? clauseOf(state, clauseId);
  if (isDomainError(clause)) return clause;
  if (clause.text === position && state.proposers?.[clauseId] === party) return [];
  return [
    {
      type: "ContractPositionProposed",
      clauseId,
      round: clause.round + 1,
      party,
      position,
      proposeTime: now,
      proposedBy: actor,
    },
  ];
};
