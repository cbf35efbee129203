import type { CaseRule } from "../command.ts";
import { stepTo } from "../step.ts";

/** C-061. "Still broken": the history and the assignee stay. A case that is being worked on yields []. */
export const reopenCase: CaseRule<"ReopenCase"> = ({ note }, { status, accountId, assigneeId }, context) =>
  status === "SOLVED" || status === "CONFIRMED" || status === "CLOSED"
    ? [{ type: "CaseReopened", step: stepTo("REOPENED", context, { assigneeId, note }), accountId }]
    : [];
