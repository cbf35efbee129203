import type { ErrorTable } from "@keynode/decider/error-table";
import { fieldErrors } from "@keynode/fields/field-errors";

/** Reasons that any service may refuse with; a service's own table adds to them and repeats none. */
export const chassisErrors = {
  ...fieldErrors,
  INVALID_REQUEST: {
    code: "INVALID_ARGUMENT",
    message: { en: "The request is not valid; every wrong field is named", zh: "请求无效，错误的字段均已列出" },
  },
  MALFORMED_REQUEST: {
    code: "INVALID_ARGUMENT",
    message: { en: "The request cannot be decoded", zh: "请求无法解析" },
  },
  UNAUTHENTICATED: {
    code: "UNAUTHENTICATED",
    message: { en: "No valid credential was sent", zh: "未提供有效的凭证" },
  },
  PERMISSION_DENIED: {
    code: "PERMISSION_DENIED",
    message: { en: "The caller lacks the permission for this", zh: "没有执行此操作的权限" },
  },
  ASSIGNMENT_REFUSED: {
    code: "PERMISSION_DENIED",
    message: {
      en: "The caller's right does not reach those whom the record is to be given to",
      zh: "您的权限范围不包括记录的接收人或团队",
    },
  },
  SHARE_WITHOUT_GRANTEE: {
    code: "INVALID_ARGUMENT",
    message: { en: "Name one user or one team to share with", zh: "请指定一个用户或一个团队作为共享对象" },
  },
  NO_SUCH_GRANTEE: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no active user and no team of the tenant", zh: "不是本租户的在职用户或团队" },
  },
  SHARE_EXPIRED: {
    code: "INVALID_ARGUMENT",
    message: { en: "The share would end before it begins", zh: "共享的到期时间已过" },
  },
  SHARE_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "The record is shared with this user or team already", zh: "该记录已共享给此用户或团队" },
  },
  SHARE_NOT_OFFERED: {
    code: "NOT_FOUND",
    message: { en: "Records of this kind cannot be shared", zh: "该类记录不支持共享" },
  },
  SHARE_LIMIT_REACHED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "A thousand records of one service are shared with this user or team, and no more can be",
      zh: "同一服务中共享给该用户或团队的记录已达一千条上限",
    },
  },
  OUT_OF_REACH: {
    code: "PERMISSION_DENIED",
    message: { en: "is out of the caller's reach", zh: "超出您的权限范围" },
  },
  NO_SUCH_OWNER: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no active user of the tenant", zh: "不是本租户的在职用户" },
  },
  NO_SUCH_TEAM: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no team of the tenant", zh: "不是本租户的团队" },
  },
  TENANT_MISMATCH: {
    code: "PERMISSION_DENIED",
    message: { en: "The call may not cross tenants", zh: "不允许跨租户访问" },
  },
  INTERNAL_METHOD: {
    code: "PERMISSION_DENIED",
    message: { en: "Only services of the platform may call this method", zh: "该方法仅供平台内部服务调用" },
  },
  NOT_FOUND: {
    code: "NOT_FOUND",
    message: { en: "There is no such record", zh: "记录不存在" },
  },
  REFERENCE_NOT_FOUND: {
    code: "FAILED_PRECONDITION",
    message: { en: "There is no record {reference}.", zh: "记录 {reference} 不存在。" },
  },
  ALREADY_EXISTS: {
    code: "ALREADY_EXISTS",
    message: { en: "The record exists already", zh: "记录已存在" },
  },
  RECORD_DELETED: {
    code: "FAILED_PRECONDITION",
    message: { en: "The record is deleted", zh: "记录已被删除" },
  },
  ETAG_MISMATCH: {
    code: "ABORTED",
    message: { en: "The record has changed since it was read", zh: "记录在读取后已被修改" },
  },
  ETAG_MALFORMED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is not an etag of this record", zh: "不是该记录的 etag" },
  },
  KEY_REUSED: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The idempotency key was used before with another request",
      zh: "该幂等键已用于另一个不同的请求",
    },
  },
  INVALID_IDEMPOTENCY_KEY: {
    code: "INVALID_ARGUMENT",
    message: { en: "An idempotency key has 1 to 255 printable characters", zh: "幂等键须为 1 至 255 个可见字符" },
  },
  CONFLICT: {
    code: "ABORTED",
    message: { en: "Others were changing the record at the same time; try again", zh: "记录正被并发修改，请重试" },
  },
  OUTBOX_FULL: {
    code: "UNAVAILABLE",
    message: {
      en: "The record has too many events waiting; try again shortly",
      zh: "该记录待发送事件过多，请稍后重试",
    },
  },
  STATE_TOO_LARGE: {
    code: "FAILED_PRECONDITION",
    message: { en: "The record would grow beyond {limitBytes} bytes", zh: "记录将超过 {limitBytes} 字节的上限" },
  },
  STORE_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: { en: "The store cannot be reached; try again shortly", zh: "存储暂时不可用，请稍后重试" },
  },
  UPSTREAM_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: {
      en: "A service that is needed cannot be reached; try again shortly",
      zh: "所依赖的服务暂时不可用，请稍后重试",
    },
  },
  ACCESS_LOG_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: {
      en: "What may only be shown on record cannot be recorded now; try again shortly",
      zh: "暂时无法记录此次访问，因此不能提供所请求的数据，请稍后重试",
    },
  },
  OVERLOADED: {
    code: "UNAVAILABLE",
    message: { en: "The service is handling too many calls; try again shortly", zh: "服务繁忙，请稍后重试" },
  },
  SHUTTING_DOWN: {
    code: "UNAVAILABLE",
    message: { en: "This instance is shutting down; try again", zh: "该实例正在停止，请重试" },
  },
  DEADLINE_EXCEEDED: {
    code: "DEADLINE_EXCEEDED",
    message: { en: "The call took longer than its deadline", zh: "请求处理超时" },
  },
  PROJECTION_LAGGING: {
    code: "UNAVAILABLE",
    message: {
      en: "The data read has not caught up with your last change; try again",
      zh: "数据尚未同步到您的最新修改，请重试",
    },
  },
  INVALID_CONSISTENCY_TOKEN: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "The consistency token is none that an answer gave",
      zh: "一致性令牌不是由响应给出的令牌",
    },
  },
  LETTER_NOT_REPLAYABLE: {
    code: "FAILED_PRECONDITION",
    message: {
      en: "The letter holds no event that can be read, or its consumer no longer exists",
      zh: "该死信中没有可读取的事件，或其消费者已不存在",
    },
  },
  FIELD_REQUIRED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is required", zh: "为必填项" },
  },
  VOCABULARY_VALUE_UNKNOWN: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "is no value of the vocabulary {vocabulary}; GET /v1/vocabularies lists those that are",
      zh: "不是词汇表 {vocabulary} 中的值，可通过 GET /v1/vocabularies 查看可用的值",
    },
  },
  VOCABULARY_VALUE_RETIRED: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "is a retired value of the vocabulary {vocabulary}; GET /v1/vocabularies lists those that are offered",
      zh: "是词汇表 {vocabulary} 中已停用的值，可通过 GET /v1/vocabularies 查看可用的值",
    },
  },
  UNKNOWN_FIELD: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no field of this resource", zh: "不是该资源的字段" },
  },
  FIELD_NOT_CHANGEABLE: {
    code: "INVALID_ARGUMENT",
    message: { en: "cannot be changed by an update", zh: "不能通过更新修改" },
  },
  INVALID_FILTER: {
    code: "INVALID_ARGUMENT",
    message: { en: "The filter is not valid", zh: "筛选条件无效" },
  },
  FILTER_TOO_COSTLY: {
    code: "INVALID_ARGUMENT",
    message: { en: "No index serves this filter and order", zh: "该筛选与排序组合没有可用的索引" },
  },
  INVALID_ORDER: {
    code: "INVALID_ARGUMENT",
    message: { en: "The order is not valid", zh: "排序方式无效" },
  },
  INVALID_PAGE_TOKEN: {
    code: "INVALID_ARGUMENT",
    message: { en: "The page token is not one of this listing", zh: "分页标记无效或不属于该列表" },
  },
  INVALID_CURSOR: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no cursor of this stream", zh: "不是该事件流的游标" },
  },
  INVALID_PAGE_SIZE: {
    code: "INVALID_ARGUMENT",
    message: { en: "The page size must lie between 0 and 1000", zh: "每页条数须在 0 至 1000 之间" },
  },
  INVALID_VALIDATE_ONLY: {
    code: "INVALID_ARGUMENT",
    message: { en: "Keynode-Validate-Only is true or false", zh: "Keynode-Validate-Only 只能为 true 或 false" },
  },
  VALIDATE_ONLY_NOT_OFFERED: {
    code: "INVALID_ARGUMENT",
    message: { en: "This method cannot be tried without effect", zh: "该方法不支持仅校验的试运行" },
  },
  INVALID_FIELD_MASK: {
    code: "INVALID_ARGUMENT",
    message: { en: "The field mask names a field that is not there", zh: "字段掩码包含不存在的字段" },
  },
} as const satisfies ErrorTable;

export type ChassisReason = keyof typeof chassisErrors;

/** A service's own table together with the chassis's. Throws when both define a reason. */
export const withChassisErrors = (own: ErrorTable): ErrorTable => {
  const repeated = Object.keys(own).filter((reason) => Object.hasOwn(chassisErrors, reason));
  if (repeated.length > 0) throw new Error(`the error table repeats reasons of the chassis: ${repeated.join(", ")}`);
  return { ...chassisErrors, ...own };
};
