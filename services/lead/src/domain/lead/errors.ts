import { type ErrorTable, missingRecord } from "@keynode/decider/error-table";

/** Why the lead service refuses. */
export const leadErrors = {
  ACCOUNT_NOT_FOUND: missingRecord("account", "客户", "accountId"),
  PIPELINE_NOT_FOUND: missingRecord("pipeline", "管道", "pipelineId"),
  LEAD_EXISTS: {
    code: "ALREADY_EXISTS",
    message: {
      en: "Another lead has this e-mail address or telephone number.",
      zh: "另一条线索已使用该邮箱或电话。",
    },
  },
  INVALID_PHONE: {
    code: "INVALID_ARGUMENT",
    message: { en: "The telephone number is not one that can be dialled.", zh: "电话号码无效。" },
  },
  FORM_WITHOUT_CONTACT: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "The form has neither an e-mail address nor a telephone number.",
      zh: "表单中既没有邮箱也没有电话。",
    },
  },
  LEAD_NOT_QUALIFIED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The lead is {status}; qualify it first.", zh: "线索状态为 {status},请先确认其有效。" },
  },
  LEAD_DISQUALIFIED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The lead was given up: {reason}. Reopen it first.", zh: "线索已放弃({reason}),请先重新打开。" },
  },
  LEAD_CONVERTED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The lead became account {accountId}.", zh: "线索已转为客户 {accountId}。" },
  },
  CONVERSION_PENDING: {
    code: "FAILED_PRECONDITION",
    message: { en: "The lead is being converted.", zh: "线索正在转化中。" },
  },
} satisfies ErrorTable;
