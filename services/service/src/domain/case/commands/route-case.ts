import type { CaseRule } from "../command.ts";
import { caseAssigned } from "./assign-case.ts";

/** C-060. Yields [] for a case that somebody has or that is over, and while nobody is there. */
export const routeCase: CaseRule<"RouteCase"> = (_command, { status, assigneeId }, context) => {
  const isWaiting = assigneeId === "" && (status === "OPEN" || status === "REOPENED");
  return isWaiting && context.assignee !== undefined ? [caseAssigned(context.assignee, "ASSIGNED", context)] : [];
};
