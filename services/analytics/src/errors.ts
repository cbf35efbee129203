import type { ErrorTable } from "@keynode/decider/error-table";

/** Why the analytics service refuses. */
export const analyticsErrors = {
  AMOUNT_OUT_OF_RANGE: {
    code: "FAILED_PRECONDITION",
    message: { en: "The values add up to more than can be shown.", zh: "金额合计超出可表示的范围。" },
  },
} satisfies ErrorTable;
