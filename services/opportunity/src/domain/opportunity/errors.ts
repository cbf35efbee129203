import { type ErrorTable, missingRecord } from "@keynode/decider/error-table";

/** Why deals are refused. */
export const opportunityErrors = {
  ACCOUNT_NOT_FOUND: missingRecord("account", "客户", "accountId"),
  CONTACT_NOT_FOUND: missingRecord("contact", "联系人", "contactId"),
  PRODUCT_NOT_FOUND: missingRecord("product", "产品", "productId"),
  PIPELINE_NOT_FOUND: missingRecord("pipeline", "管道", "pipelineId"),
  STAGE_UNKNOWN: {
    code: "FAILED_PRECONDITION",
    message: { en: "The pipeline has no stage {stageKey}.", zh: "该管道没有阶段 {stageKey}。" },
  },
  STAGE_SKIPPED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The deal cannot move to {to}; it may move to: {allowed}.",
      zh: "商机不能移至 {to}，可移至：{allowed}。",
    },
  },
  OPPORTUNITY_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "Another deal has this external key.", zh: "另一个商机已使用该外部键。" },
  },
  OPPORTUNITY_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The deal is {status}; reopen it first.", zh: "商机状态为 {status}，请先重新打开。" },
  },
  OPPORTUNITY_HAS_CONTRACT: {
    code: "FAILED_PRECONDITION",
    message: { en: "The deal has the contract {contractId}.", zh: "商机已有合同 {contractId}。" },
  },
  AMOUNT_NEGATIVE: {
    code: "INVALID_ARGUMENT",
    message: { en: "must not be less than zero", zh: "不能小于零" },
  },
} satisfies ErrorTable;
