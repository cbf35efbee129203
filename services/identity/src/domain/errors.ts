import type { ErrorTable } from "@keynode/decider/error-table";

/** Why the identity service refuses. */
export const identityErrors = {
  SPAN_REVERSED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is after the end", zh: "晚于结束时间" },
  },
  SPAN_TOO_LONG: {
    code: "INVALID_ARGUMENT",
    message: { en: "is more than a year before the end", zh: "与结束时间相隔超过一年" },
  },
  FORM_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "The form names fields that cannot stand in it.", zh: "表单包含无法使用的字段。" },
  },
  FORM_FIELD_UNKNOWN: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no field of the collection", zh: "不是该集合的字段" },
  },
  FORM_FIELD_REPEATED: {
    code: "INVALID_ARGUMENT",
    message: { en: "stands in the form already", zh: "已在表单中" },
  },
  TEMPLATE_NOT_FOUND: {
    code: "NOT_FOUND",
    message: { en: "There is no template {key}.", zh: "模板 {key} 不存在。" },
  },
  VOCABULARY_BUILT_IN: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The vocabulary {key} is built in: retire its values instead.",
      zh: "词汇表 {key} 为内置词汇表，不可删除，可停用其中的值。",
    },
  },
  VOCABULARY_LIMIT: {
    code: "FAILED_PRECONDITION",
    message: { en: "A tenant keeps {limit} vocabularies at most.", zh: "每个租户最多保存 {limit} 个词汇表。" },
  },
  VOCABULARY_FULL: {
    code: "FAILED_PRECONDITION",
    message: { en: "A vocabulary has {limit} values at most.", zh: "每个词汇表最多包含 {limit} 个值。" },
  },
  VOCABULARY_VALUES_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "The values do not fit together.", zh: "词汇表的值相互冲突。" },
  },
  VOCABULARY_VALUE_REPEATED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is the key of a value before it", zh: "与前面某个值的键重复" },
  },
  VOCABULARY_VALUE_REMOVED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "Values cannot be taken away, records may hold them; retire them instead: {keys}.",
      zh: "值不可删除，可能有记录正在使用，请改为停用：{keys}。",
    },
  },
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
  PASSWORD_LENGTH: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "A password has {minLength} to {maxLength} characters.",
      zh: "密码长度须为 {minLength} 至 {maxLength} 个字符。",
    },
  },
  NETWORK_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "This is no network in CIDR notation.", zh: "不是有效的 CIDR 网段。" },
  },
  NETWORKS_EXCLUDE_CALLER: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "Your own address is in none of these networks: you could not come back.",
      zh: "您当前的地址不在这些网段内，保存后将无法访问。",
    },
  },
  PROVIDERS_EXCLUDE_CALLER: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "You have signed in another way than these: you could not come back.",
      zh: "您当前的登录方式不在允许范围内，保存后将无法登录。",
    },
  },
  LIFETIMES_CROSSED: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "A session cannot last longer without use than it lasts at all.",
      zh: "会话的闲置时长不能超过总时长。",
    },
  },
  COLLECTION_UNKNOWN: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is no such collection.", zh: "该集合不存在。" },
  },
  LINK_INVALID: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "The link is not good any more; ask for another one.",
      zh: "链接已失效，请重新获取。",
    },
  },
  USER_HAS_PASSWORD: {
    code: "FAILED_PRECONDITION",
    message: { en: "The user has chosen a password already.", zh: "该用户已设置密码。" },
  },
  MAIL_UNAVAILABLE: {
    code: "FAILED_PRECONDITION",
    message: { en: "This installation cannot send mail.", zh: "当前环境未配置邮件发送。" },
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
  PERMISSION_OR_METHOD: {
    code: "INVALID_ARGUMENT",
    message: { en: "Name either a permission or a method.", zh: "请指定权限或方法其中之一。" },
  },
  UNKNOWN_PERMISSION: {
    code: "INVALID_ARGUMENT",
    message: { en: "Nothing asks for such a permission.", zh: "没有任何操作需要该权限。" },
  },
  SUCCESSOR_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "The successor is no other active user of the tenant.", zh: "接任人不是本租户的其他在职用户。" },
  },
  USER_NOT_OFFBOARDED: {
    code: "NOT_FOUND",
    message: { en: "The user was not let go.", zh: "该用户未办理离职。" },
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
  TOO_MANY_IDENTITIES: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "A user has {limit} identities with identity providers at most.",
      zh: "每位用户最多关联 {limit} 个外部身份。",
    },
  },
  RETURN_TO_REFUSED: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "A sign-in returns to a path of this site, without a fragment.",
      zh: "登录后只能返回本站路径，且不能带片段。",
    },
  },
  PROVIDER_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: {
      en: "The identity provider does not answer; try again shortly.",
      zh: "身份提供方暂无响应，请稍后重试。",
    },
  },
  PROVIDER_MISCONFIGURED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "This system and the identity provider are not set up for each other; tell an administrator.",
      zh: "本系统与身份提供方的配置不匹配，请联系管理员。",
    },
  },
  PROVIDER_ANSWER_INVALID: {
    code: "UNAUTHENTICATED",
    message: {
      en: "What the identity provider answered does not prove who you are.",
      zh: "身份提供方的应答无法证明您的身份。",
    },
  },
  SIGN_ON_EXPIRED: {
    code: "UNAUTHENTICATED",
    message: {
      en: "This sign-in took too long, is completed already or was begun in another browser; begin again.",
      zh: "登录已超时、已完成，或由其他浏览器发起，请重新登录。",
    },
  },
  SIGN_ON_DENIED: {
    code: "UNAUTHENTICATED",
    message: {
      en: "The identity provider did not sign you in.",
      zh: "身份提供方未完成登录。",
    },
  },
  SIGN_ON_GROUPS_UNKNOWN: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The identity provider does not tell all groups of the user; have it tell those for this system only.",
      zh: "身份提供方未列出用户的全部群组，请仅下发与本系统相关的群组。",
    },
  },
  SIGN_ON_NO_ACCOUNT: {
    code: "PERMISSION_DENIED",
    message: {
      en: "Nobody here has this account; ask an administrator to let you in.",
      zh: "本系统没有与该账号对应的用户，请联系管理员开通。",
    },
  },
  SIGN_ON_EMAIL_REFUSED: {
    code: "PERMISSION_DENIED",
    message: {
      en: "The account needs a verified e-mail address of a domain that may sign in here.",
      zh: "该账号须有已验证且属于允许域名的邮箱。",
    },
  },
  SIGN_ON_EMAIL_TAKEN: {
    code: "PERMISSION_DENIED",
    message: {
      en: "Another user has this account's e-mail address; ask an administrator to link the two.",
      zh: "该账号的邮箱已属于另一位用户，请联系管理员关联。",
    },
  },
  SIGN_ON_BARRED: {
    code: "PERMISSION_DENIED",
    message: { en: "This user may not sign in.", zh: "该用户已被禁止登录。" },
  },
  SCIM_BODY_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "The body is no SCIM message of this kind.", zh: "请求体不是有效的 SCIM 消息。" },
  },
  SCIM_FILTER_INVALID: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "A filter compares attributes that can be looked up by eq, joined by and.",
      zh: "过滤条件仅支持以 eq 比较可检索的属性，并用 and 连接。",
    },
  },
  SCIM_PATH_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is nothing at the path {path}.", zh: "路径 {path} 无效。" },
  },
  SCIM_VALUE_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "A value is not one that the attribute can have.", zh: "属性值无效。" },
  },
  SCIM_TOO_MANY: {
    code: "INVALID_ARGUMENT",
    message: { en: "This is more than {limit} at once.", zh: "一次最多 {limit} 项。" },
  },
  SIGN_ON_UNCONFIGURED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "This installation is not set up for identity providers.",
      zh: "本系统尚未配置身份提供方登录。",
    },
  },
  CUSTOM_FIELD_EXISTS: {
    code: "ALREADY_EXISTS",
    message: {
      en: "The collection has, or had, a field of this key.",
      zh: "该类记录已有或曾有同名键的字段。",
    },
  },
  CUSTOM_FIELD_INVALID: {
    code: "INVALID_ARGUMENT",
    message: { en: "The definition of the field is not valid.", zh: "字段定义无效。" },
  },
  CUSTOM_FIELD_LIMIT_REACHED: {
    code: "RESOURCE_EXHAUSTED",
    message: {
      en: "The collection has {limit} fields, and can have no more.",
      zh: "该类记录的字段已达 {limit} 个上限。",
    },
  },
  SORTABLE_LIMIT_REACHED: {
    code: "RESOURCE_EXHAUSTED",
    message: {
      en: "{limit} fields of the collection are sortable, and no more can be.",
      zh: "该类记录可排序的字段已达 {limit} 个上限。",
    },
  },
  KIND_NOT_CHANGEABLE: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The kind of formulas and sortable fields stays as it is.",
      zh: "公式字段和可排序字段的类型不能更改。",
    },
  },
  COLLECTION_TAKES_NO_FIELDS: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no collection whose records take custom fields", zh: "该类记录不支持自定义字段" },
  },
  NOT_OF_THIS_KIND: {
    code: "INVALID_ARGUMENT",
    message: { en: "is not for fields of this kind", zh: "不适用于该类型的字段" },
  },
  NO_SUCH_STAGE: {
    code: "INVALID_ARGUMENT",
    message: { en: "names a status or stage that these records never have", zh: "包含该类记录没有的状态或阶段" },
  },
  NO_SUCH_COLLECTION: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no collection", zh: "不是有效的记录类型" },
  },
  NO_SUCH_ROLE: {
    code: "INVALID_ARGUMENT",
    message: { en: "names a role that the tenant does not have", zh: "包含本租户没有的角色" },
  },
  BELOW_THE_LEAST: {
    code: "INVALID_ARGUMENT",
    message: { en: "lies below the least", zh: "小于下限" },
  },
  PATTERN_MALFORMED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no pattern of RE2's syntax", zh: "不是有效的 RE2 表达式" },
  },
  CHOICES_OR_VOCABULARY: {
    code: "INVALID_ARGUMENT",
    message: { en: "needs either a list of choices or a vocabulary", zh: "须且仅须给出选项列表或词表之一" },
  },
  CHOICE_REPEATED: {
    code: "INVALID_ARGUMENT",
    message: { en: "has an id twice", zh: "选项 id 重复" },
  },
  FORMULA_MALFORMED: {
    code: "INVALID_ARGUMENT",
    message: { en: "cannot be read as a formula", zh: "公式无法解析" },
  },
  FORMULA_TOO_DEEP: {
    code: "INVALID_ARGUMENT",
    message: { en: "is nested too deep", zh: "公式嵌套过深" },
  },
  FORMULA_UNKNOWN_NAME: {
    code: "INVALID_ARGUMENT",
    message: { en: "names a field that a formula of these records cannot take", zh: "引用了该类记录公式不可用的字段" },
  },
  FORMULA_UNKNOWN_FUNCTION: {
    code: "INVALID_ARGUMENT",
    message: { en: "calls a function that formulas do not have", zh: "调用了不支持的函数" },
  },
  FORMULA_NOT_OFFERED: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "has a part that formulas do not have, such as a list or a loop",
      zh: "包含公式不支持的内容，例如列表或循环",
    },
  },
  FORMULA_TYPE_MISMATCH: {
    code: "INVALID_ARGUMENT",
    message: { en: "joins values whose types do not go together", zh: "运算的数据类型不匹配" },
  },
  FORMULA_RESULT_MISMATCH: {
    code: "INVALID_ARGUMENT",
    message: { en: "does not result in what it is said to", zh: "结果与声明的类型不符" },
  },
} satisfies ErrorTable;
