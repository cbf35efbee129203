import type { ErrorTable } from "@keynode/decider/error-table";

/** Why products are refused. */
export const productErrors = {
  PRODUCT_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "Another product has this code or external key.", zh: "另一个产品已使用该编码或外部键。" },
  },
} satisfies ErrorTable;
