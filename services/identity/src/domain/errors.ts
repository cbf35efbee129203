import type { ErrorTable } from "@keynode/decider/error-table";

/** Why the identity service refuses. */
export const identityErrors = {
  TENANT_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "Another tenant has this key.", zh: "该租户标识已被使用。" },
  },
  TIME_ZONE_UNKNOWN: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is no such time zone.", zh: "时区不存在。" },
  },
  PASSWORD_TOO_WEAK: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "The password is too easy to guess; choose a longer one that is neither common nor made of the user's name.",
      zh: "密码过于简单，请使用更长、不常见且不含用户名的密码。",
    },
  },
  PASSWORD_WRONG: {
    code: "INVALID_ARGUMENT",
    message: { en: "This is not the present password.", zh: "当前密码不正确。" },
  },
  NOT_A_USER: {
    code: "FAILED_PRECONDITION",
    message: { en: "Only a user has a password.", zh: "只有用户才有密码。" },
  },
  SIGN_IN_FAILED: {
    code: "UNAUTHENTICATED",
    message: {
      en: "Tenant, e-mail address and password do not belong together.",
      zh: "租户、邮箱或密码不正确。",
    },
  },
  REFRESH_FAILED: {
    code: "UNAUTHENTICATED",
    message: { en: "The session has ended; sign in again.", zh: "会话已结束，请重新登录。" },
  },
  TOO_MANY_ATTEMPTS: {
    code: "RESOURCE_EXHAUSTED",
    message: { en: "Too many attempts; try again later.", zh: "尝试次数过多，请稍后再试。" },
  },
  USER_EXISTS: {
    code: "ALREADY_EXISTS",
    message: {
      en: "Another user has this e-mail address or external key.",
      zh: "另一位用户已使用该邮箱或外部编号。",
    },
  },
  USER_IS_CALLER: {
    code: "FAILED_PRECONDITION",
    message: { en: "Nobody can do this to themselves.", zh: "不能对自己执行此操作。" },
  },
  ROLE_NOT_FOUND: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is no role {roleId}.", zh: "角色 {roleId} 不存在。" },
  },
  TEAM_NOT_FOUND: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is no team {teamId}.", zh: "团队 {teamId} 不存在。" },
  },
  MANAGER_NOT_FOUND: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is no user {managerId}.", zh: "用户 {managerId} 不存在。" },
  },
  ROLE_EXCEEDS_CALLER: {
    code: "PERMISSION_DENIED",
    message: {
      en: "This would let somebody do what you may not do yourself.",
      zh: "不能授予超出自身权限的权限。",
    },
  },
  ROLE_BUILT_IN: {
    code: "FAILED_PRECONDITION",
    message: { en: "The role comes with every tenant and stays as it is.", zh: "内置角色不可更改。" },
  },
  TEAM_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "Another team has this external key.", zh: "另一个团队已使用该外部编号。" },
  },
  PARENT_NOT_FOUND: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is no team {parentTeamId}.", zh: "团队 {parentTeamId} 不存在。" },
  },
  TEAM_CYCLE: {
    code: "FAILED_PRECONDITION",
    message: { en: "A team cannot be a part of itself.", zh: "团队不能隶属于自身。" },
  },
  EXPIRY_PASSED: {
    code: "INVALID_ARGUMENT",
    message: { en: "This time has passed.", zh: "该时间已过。" },
  },
  ISSUER_REFUSED: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "An issuer is an https address without query and fragment.",
      zh: "签发方必须是不含查询参数和片段的 https 地址。",
    },
  },
  CLIENT_SECRET_REQUIRED: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "Another issuer needs the client secret given anew.",
      zh: "更换签发方时必须重新提供客户端密钥。",
    },
  },
  SIGN_ON_UNCONFIGURED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "This installation is not set up for identity providers.",
      zh: "本系统尚未配置身份提供方登录。",
    },
  },
} satisfies ErrorTable;
