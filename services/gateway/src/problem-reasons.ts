import type { Locale } from "@keynode/decider/error-table";
import { chassisErrors } from "@keynode/grpc/chassis-errors";
import type { CodeName } from "@keynode/grpc/status";

type Text = Readonly<Record<Locale, string>>;

/** What the gateway itself refuses with, and what it says for codes that come without a reason of ours. */
export type HttpReason = { readonly status: number; readonly message: Text };

/**
 * The HTTP status of each google.rpc.Code: google/rpc/code.proto, but FAILED_PRECONDITION is 409
 * (docs/adr/0006).
 */
export const CODE_STATUS: Readonly<Record<CodeName, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 409,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** Reasons whose status HTTP knows better than their code does. */
const REASON_STATUS: Readonly<Record<string, number>> = {
  ETAG_MISMATCH: 412,
  KEY_REUSED: 422,
};

/** The status of a refusal that a service sent. */
export const statusOfRefusal = (code: CodeName, reason: string): number => REASON_STATUS[reason] ?? CODE_STATUS[code];

export const httpReasons = {
  ROUTE_NOT_FOUND: {
    status: 404,
    message: { en: "There is nothing at this path.", zh: "该路径不存在。" },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: { en: "This path takes {allow} only.", zh: "该路径仅支持 {allow}。" },
  },
  INVALID_PATH: {
    status: 400,
    message: { en: "The path's percent-encoding is damaged.", zh: "路径的百分号编码有误。" },
  },
  NOT_ACCEPTABLE: {
    status: 406,
    message: { en: "The answer is offered as {offered} only.", zh: "响应仅提供 {offered} 格式。" },
  },
  INVALID_HEADER: {
    status: 400,
    message: { en: "A header is not valid; every wrong one is named.", zh: "请求头无效，错误的请求头均已列出。" },
  },
  INVALID_JSON: {
    status: 400,
    message: {
      en: "The body is not JSON: unexpected text at offset {offset}.",
      zh: "请求体不是 JSON：偏移 {offset} 处有误。",
    },
  },
  INVALID_ENCODING: {
    status: 400,
    message: { en: "The body is not UTF-8.", zh: "请求体不是 UTF-8 编码。" },
  },
  BODY_INCOMPLETE: {
    status: 400,
    message: { en: "The body ended before it was complete.", zh: "请求体不完整。" },
  },
  BODY_TOO_LARGE: {
    status: 413,
    message: { en: "The body is larger than {limitBytes} bytes.", zh: "请求体超过 {limitBytes} 字节。" },
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: { en: "The body must be {accept}, uncompressed.", zh: "请求体必须为 {accept}，且未压缩。" },
  },
  RATE_LIMITED: {
    status: 429,
    message: {
      en: "Too many requests; try again in {retryAfterS} s.",
      zh: "请求过于频繁，请在 {retryAfterS} 秒后重试。",
    },
  },
  TOO_MANY_STREAMS: {
    status: 429,
    message: {
      en: "The caller reads as many streams as it may; close one first.",
      zh: "该调用方同时读取的数据流已达上限，请先关闭一个。",
    },
  },
  ADDRESS_NOT_ALLOWED: {
    status: 403,
    message: {
      en: "The tenant lets nobody in from this address.",
      zh: "该租户不允许从此地址访问。",
    },
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    message: {
      en: "Pages of this origin may not call the gateway.",
      zh: "该来源的页面不允许访问网关。",
    },
  },
  READ_ONLY_CONNECTION: {
    status: 403,
    message: {
      en: "Nothing may be changed on this connection.",
      zh: "此连接为只读，不允许修改。",
    },
  },
  CONFIRMATION_INVALID: {
    status: 400,
    message: {
      en: "This is no confirmation of yours, or it was altered.",
      zh: "该确认码不属于您，或已被改动。",
    },
  },
  CONFIRMATION_EXPIRED: {
    status: 400,
    message: {
      en: "The confirmation has expired; call the tool again to see what would happen now.",
      zh: "确认码已过期，请重新调用工具预览当前结果。",
    },
  },
  ANSWER_TOO_LARGE: {
    status: 400,
    message: {
      en: "The answer is longer than {limitCharacters} characters; name the fields you need in readMask, or ask for less.",
      zh: "响应超过 {limitCharacters} 个字符，请用 readMask 指定所需字段，或缩小查询范围。",
    },
  },
  AUTHENTICATION_UNAVAILABLE: {
    status: 503,
    message: {
      en: "Credentials cannot be checked at the moment; try again shortly.",
      zh: "暂时无法校验凭证，请稍后重试。",
    },
  },
  CLIENT_CLOSED: {
    status: 499,
    message: { en: "The client closed the connection.", zh: "客户端已关闭连接。" },
  },
  NOT_IMPLEMENTED: {
    status: 501,
    message: { en: "The service does not offer this yet.", zh: "该服务尚未提供此功能。" },
  },
  INTERNAL: {
    status: 500,
    message: {
      en: "Something went wrong on our side. Quote the request id when you report it.",
      zh: "服务器内部错误，反馈时请提供请求编号。",
    },
  },
} as const satisfies Record<string, HttpReason>;

export type Reason = keyof typeof httpReasons | keyof typeof chassisErrors;

/** The status and message of a reason that the gateway uses itself. */
export const httpReason = (reason: Reason): HttpReason => {
  if (reason in httpReasons) return httpReasons[reason as keyof typeof httpReasons];
  const { code, message } = chassisErrors[reason as keyof typeof chassisErrors];
  return { status: statusOfRefusal(code, reason), message };
};

/** What is said of a code that came without a reason of ours, so not from our services' code. */
const CODE_REASONS: Readonly<Record<CodeName, Reason>> = {
  OK: "INTERNAL",
  CANCELLED: "CLIENT_CLOSED",
  UNKNOWN: "INTERNAL",
  INVALID_ARGUMENT: "INVALID_REQUEST",
  DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
  NOT_FOUND: "NOT_FOUND",
  ALREADY_EXISTS: "ALREADY_EXISTS",
  PERMISSION_DENIED: "PERMISSION_DENIED",
  RESOURCE_EXHAUSTED: "OVERLOADED",
  FAILED_PRECONDITION: "CONFLICT",
  ABORTED: "CONFLICT",
  OUT_OF_RANGE: "INVALID_REQUEST",
  UNIMPLEMENTED: "NOT_IMPLEMENTED",
  INTERNAL: "INTERNAL",
  UNAVAILABLE: "UPSTREAM_UNAVAILABLE",
  DATA_LOSS: "INTERNAL",
  UNAUTHENTICATED: "UNAUTHENTICATED",
};

export const reasonOfCode = (code: CodeName): Reason => CODE_REASONS[code];
