import type { ErrorTable } from "@keynode/decider/error-table";

/** Why the account service refuses. */
export const accountErrors = {
  ACCOUNT_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "Another account has this external key.", zh: "另一个客户已使用该外部键。" },
  },
  INVALID_PHONE: {
    code: "INVALID_ARGUMENT",
    message: { en: "The telephone number is not one that can be dialled.", zh: "电话号码无效。" },
  },
  PARENT_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no such parent account.", zh: "上级客户不存在。" },
  },
  ACCOUNT_CYCLE: {
    code: "FAILED_PRECONDITION",
    message: { en: "The parent is this account itself or a part of it.", zh: "上级客户不能是该客户本身或其下级。" },
  },
  ACCOUNT_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no such account.", zh: "客户不存在。" },
  },
  LEAD_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no such lead.", zh: "线索不存在。" },
  },
  KEY_NODE_WITHOUT_CUSTOMER: {
    code: "INVALID_ARGUMENT",
    message: { en: "A key node needs an account or a lead.", zh: "关键节点须属于某个客户或线索。" },
  },
  KEY_NODE_WITHOUT_KIND: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "A key node of the type OTHER needs a kind of the tenant's own.",
      zh: "类型为 OTHER 的关键节点须注明自定义类型。",
    },
  },
  KEY_NODE_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The key node is closed: {status}.", zh: "关键节点已关闭({status})。" },
  },
} satisfies ErrorTable;
