import { type ErrorTable, missingRecord } from "@keynode/decider/error-table";

/** Why the service service refuses. */
export const serviceErrors = {
  ACCOUNT_NOT_FOUND: missingRecord("account", "客户", "accountId"),
  CONTACT_NOT_FOUND: missingRecord("contact", "联系人", "contactId"),
  PRODUCT_NOT_FOUND: missingRecord("product", "产品", "productId"),
  ASSIGNEE_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no active user {assigneeId}.", zh: "用户 {assigneeId} 不存在或已停用。" },
  },
  CASE_NOT_ASSIGNED: {
    code: "FAILED_PRECONDITION",
    message: { en: "Nobody works on the case; assign it first.", zh: "工单尚无处理人，请先分配。" },
  },
  CASE_NOT_SOLVED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The case is {status}; no solution is recorded.",
      zh: "工单状态为 {status}，尚未记录解决方案。",
    },
  },
  CASE_CONFIRMED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The customer confirmed the solution.", zh: "客户已确认解决方案。" },
  },
  CASE_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The case is {status}; reopen it first.", zh: "工单状态为 {status}，请先重新打开。" },
  },
} satisfies ErrorTable;
