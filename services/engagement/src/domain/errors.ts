import { type ErrorTable, missingRecord } from "@keynode/decider/error-table";

/** Why the engagement service refuses. */
export const engagementErrors = {
  ACCOUNT_NOT_FOUND: missingRecord("account", "客户", "accountId"),
  LEAD_NOT_FOUND: missingRecord("lead", "线索", "leadId"),
  OPPORTUNITY_NOT_FOUND: missingRecord("deal", "商机", "opportunityId"),
  CONTRACT_NOT_FOUND: missingRecord("contract", "合同", "contractId"),
  CASE_NOT_FOUND: missingRecord("case", "工单", "caseId"),
  TASK_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The task is closed: {status}.", zh: "任务已关闭({status})。" },
  },
  BEHAVIOUR_WITHOUT_PERSON: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "A behaviour needs a visitor, a lead or an account.",
      zh: "行为须属于某个访客、线索或客户。",
    },
  },
} satisfies ErrorTable;
