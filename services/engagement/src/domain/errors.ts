import type { ErrorTable } from "@keynode/decider/error-table";

/** Why the engagement service refuses. */
export const engagementErrors = {
  ACCOUNT_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no account {accountId}.", zh: "客户 {accountId} 不存在。" },
  },
  LEAD_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no lead {leadId}.", zh: "线索 {leadId} 不存在。" },
  },
  OPPORTUNITY_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no deal {opportunityId}.", zh: "商机 {opportunityId} 不存在。" },
  },
  CONTRACT_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no contract {contractId}.", zh: "合同 {contractId} 不存在。" },
  },
  CASE_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no case {caseId}.", zh: "工单 {caseId} 不存在。" },
  },
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
