import { reject } from "@keynode/decider/domain-error";
import type { CaseRule } from "../command.ts";
import { refuseClosed } from "../refusals.ts";
import { stepTo } from "../step.ts";

/** C-061. Confirming again yields []. Errors: CASE_NOT_SOLVED, CASE_CLOSED when it was ended without confirmation. */
export const confirmCase: CaseRule<"ConfirmCase"> = ({ note }, state, context) => {
  const { status, accountId, assigneeId } = state;
  if (status === "CONFIRMED") return [];
  const refusal = refuseClosed(state) ?? (status === "SOLVED" ? undefined : reject("CASE_NOT_SOLVED", { status }));
  return refusal ?? [{ type: "CaseConfirmed", step: stepTo("CONFIRMED", context, { assigneeId, note }), accountId }];
};
