import { type ErrorTable, missingRecord } from "@keynode/decider/error-table";

/** Why several of this service's resources are refused. */
export const commonErrors = {
  ACCOUNT_NOT_FOUND: missingRecord("account", "客户", "accountId"),
  OPPORTUNITY_NOT_FOUND: missingRecord("deal", "商机", "opportunityId"),
  PRODUCT_NOT_FOUND: missingRecord("product", "产品", "productId"),
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
