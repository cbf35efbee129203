import type { ErrorTable } from "@keynode/decider/error-table";

/** Why several of this service's resources are refused. */
export const commonErrors = {
  ACCOUNT_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no account {accountId}.", zh: "客户 {accountId} 不存在。" },
  },
  OPPORTUNITY_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no deal {opportunityId}.", zh: "商机 {opportunityId} 不存在。" },
  },
  PRODUCT_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no product {productId}.", zh: "产品 {productId} 不存在。" },
  },
  MIXED_CURRENCIES: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "The prices are in several currencies ({currencies}); say what they come to.",
      zh: "价格使用了多种货币（{currencies}），请给出总额。",
    },
  },
  AMOUNT_OUT_OF_RANGE: {
    code: "INVALID_ARGUMENT",
    message: { en: "The lines come to more than an amount can hold.", zh: "明细合计超出金额可表示的范围。" },
  },
  AMOUNT_NEGATIVE: {
    code: "INVALID_ARGUMENT",
    message: { en: "must not be less than zero", zh: "不能小于零" },
  },
} satisfies ErrorTable;
