import type { Assignee, CaseContext } from "../context.ts";
import type { CaseRule } from "../command.ts";
import type { CaseEvent } from "../events.ts";
import { refuseAssignee, refuseClosed } from "../refusals.ts";
import { stepTo } from "../step.ts";

/**
 * C-061. The case is the assignee's from then on; one that is solved stays so. Naming the present assignee yields [].
 * Errors: CASE_CLOSED, ASSIGNEE_NOT_FOUND, PROJECTION_LAGGING.
 */
export const assignCase: CaseRule<"AssignCase"> = ({ assigneeId, note }, state, context) => {
  const refusal = refuseClosed(state) ?? refuseAssignee(assigneeId, context);
  if (refusal !== undefined) return refusal;
  if (assigneeId === state.assigneeId || context.assignee === undefined) return [];
  return [caseAssigned(context.assignee, state.status === "SOLVED" ? "SOLVED" : "ASSIGNED", context, note)];
};

export const caseAssigned = (
  { id: assigneeId, teamId }: Assignee,
  status: "ASSIGNED" | "SOLVED",
  context: Pick<CaseContext, "now" | "actor">,
  note = "",
): CaseEvent => ({ type: "CaseAssigned", step: stepTo(status, context, { assigneeId, note }), teamId });
