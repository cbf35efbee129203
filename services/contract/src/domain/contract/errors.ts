import type { ErrorTable } from "@keynode/decider/error-table";

/** Why contracts are refused. */
export const contractErrors = {
  OPPORTUNITY_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The deal {opportunityId} is lost.", zh: "商机 {opportunityId} 已输单。" },
  },
  COVER_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "The cover ends before it begins.", zh: "服务保障期的结束日期早于开始日期。" },
  },
  CONTRACT_SIGNED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The contract {number} is signed.", zh: "合同 {number} 已签订。" },
  },
  CONTRACT_CANCELLED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The contract {number} was given up.", zh: "合同 {number} 已取消。" },
  },
  TOO_MANY_CLAUSES: {
    code: "FAILED_PRECONDITION",
    message: { en: "A contract has at most {limit} clauses.", zh: "一份合同最多 {limit} 个条款。" },
  },
  CLAUSE_NOT_FOUND: {
    code: "NOT_FOUND",
    message: { en: "The contract has no clause {clauseId}.", zh: "合同中没有条款 {clauseId}。" },
  },
  ROUND_PASSED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The clause has another wording by now, that of round {round}.",
      zh: "条款措辞已更改，当前为第 {round} 轮。",
    },
  },
  CONTRACT_WITHOUT_CLAUSES: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no clause to sign.", zh: "合同没有可签订的条款。" },
  },
  CONTRACT_CLAUSES_OPEN: {
    code: "FAILED_PRECONDITION",
    message: { en: "Not agreed yet: {clauses}.", zh: "尚未达成一致的条款：{clauses}。" },
  },
  CONTRACT_WITHOUT_VALUE: {
    code: "FAILED_PRECONDITION",
    message: { en: "The contract has neither a value nor a line.", zh: "合同既没有金额也没有明细。" },
  },
  SIGNATORY_MISSING: {
    code: "INVALID_ARGUMENT",
    message: { en: "Nobody signs for {party}.", zh: "{party} 一方无人签字。" },
  },
} satisfies ErrorTable;
