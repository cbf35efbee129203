import type { ErrorTable } from "@keynode/decider/error-table";

/** Why the engagement service refuses. */
export const engagementErrors = {
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
