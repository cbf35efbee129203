import type { ErrorTable } from "@keynode/decider/error-table";

/** Why purchases are refused. */
export const purchaseErrors = {
  PURCHASE_WITHOUT_AMOUNT: {
    code: "INVALID_ARGUMENT",
    message: { en: "The purchase has neither an amount nor a line.", zh: "购买记录既没有金额也没有明细。" },
  },
  PURCHASE_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "Another purchase has this external key.", zh: "另一条购买记录已使用该外部键。" },
  },
} satisfies ErrorTable;
