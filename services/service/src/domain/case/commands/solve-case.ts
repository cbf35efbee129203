import { reject } from "@keynode/decider/domain-error";
import type { CaseRule } from "../command.ts";
import { refuseClosed } from "../refusals.ts";
import { stepTo } from "../step.ts";

/** C-061. The same solution again yields []. Errors: CASE_CLOSED, CASE_NOT_ASSIGNED. */
export const solveCase: CaseRule<"SolveCase"> = ({ solution }, state, context) => {
  const { accountId, assigneeId } = state;
  const refusal = refuseClosed(state) ?? (assigneeId === "" ? reject("CASE_NOT_ASSIGNED") : undefined);
  if (refusal !== undefined) return refusal;
  if (state.status === "SOLVED" && state.solution === solution) return [];
  return [{ type: "CaseSolved", step: stepTo("SOLVED", context, { assigneeId }), solution, accountId }];
};
