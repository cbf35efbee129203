import { reject } from "@keynode/decider/domain-error";
import type { CaseRule } from "../command.ts";
import { stepTo } from "../step.ts";

/** C-061. Closing again yields []. Errors: CASE_CONFIRMED. */
export const closeCase: CaseRule<"CloseCase"> = ({ note }, { status, accountId, assigneeId }, context) => {
  if (status === "CLOSED") return [];
  if (status === "CONFIRMED") return reject("CASE_CONFIRMED");
  return [{ type: "CaseClosed", step: stepTo("CLOSED", context, { assigneeId, note }), accountId }];
};
