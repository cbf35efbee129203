import type { Case } from "@keynode/contracts/crm/service/v1/case";
import type { DecisionTable } from "@keynode/decider/decider";
import { refuseReference } from "@keynode/decider/reference";
import { caseAssigned } from "./assign-case.ts";
import type { CaseCommand } from "../command.ts";
import type { CaseContext } from "../context.ts";
import { coveringContract } from "../cover.ts";
import type { CaseEvent } from "../events.ts";
import { refuseAssignee, refuseFacts } from "../refusals.ts";
import type { CaseState } from "../state.ts";
import { stepTo } from "../step.ts";

type CreateCase = DecisionTable<CaseCommand, CaseState, CaseEvent, CaseContext>["CreateCase"];

/** C-060, C-064. Errors: ACCOUNT_NOT_FOUND, CONTACT_NOT_FOUND, PRODUCT_NOT_FOUND, ASSIGNEE_NOT_FOUND, PROJECTION_LAGGING. */
export const createCase: CreateCase = ({ case: given }, _state, context) => {
  if (given === undefined) return [];
  const { accountId, assigneeId } = given;
  const refusal =
    refuseReference(context.references.account, "ACCOUNT_NOT_FOUND", { accountId }) ??
    refuseFacts(given, context) ??
    refuseAssignee(assigneeId, context);
  if (refusal !== undefined) return refusal;
  return [
    { type: "CaseOpened", case: opened(given, context) },
    ...(context.assignee === undefined ? [] : [caseAssigned(context.assignee, "ASSIGNED", context)]),
  ];
};

const opened = (given: Case, context: CaseContext): Case => {
  const { now, number } = context;
  const receiveTime = given.receiveTime ?? now;
  const contractId = coveringContract(receiveTime, context);
  return {
    ...given,
    number,
    kind: given.kind === "KIND_UNSPECIFIED" ? "SERVICE_REQUEST" : given.kind,
    urgency: given.urgency === "URGENCY_UNSPECIFIED" ? "NORMAL" : given.urgency,
    status: "OPEN",
    assigneeId: "",
    coverStatus: contractId === undefined ? "OUT_OF_COVER" : "IN_COVER",
    coverContractId: contractId ?? "",
    receiveTime,
    acknowledgeTime: now,
    history: [stepTo("OPEN", context, { assigneeId: "" })],
  };
};
