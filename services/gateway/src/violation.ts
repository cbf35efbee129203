import type { Locale } from "@keynode/decider/error-table";

/** The way to a place inside a request, in the client's words: member names, map keys and indexes. */
export type JsonPath = readonly (string | number)[];

/** What is wrong with one place of a request, in a word that a program can act on. */
export type ViolationCode = keyof typeof MESSAGES;

/** One wrong place of a request message; where it came from (body, query, path) is the route's knowledge. */
export type Violation = {
  readonly path: JsonPath;
  /** Name of the query parameter as the client wrote it, when it came by one that does not fit. */
  readonly parameter?: string;
  readonly code: ViolationCode;
  readonly params?: Readonly<Record<string, string>>;
};

const MESSAGES = {
  UNKNOWN_FIELD: { en: "There is no such field.", zh: "没有这个字段。" },
  DUPLICATE_FIELD: { en: "The field is given more than once.", zh: "该字段重复出现。" },
  ONEOF_CONFLICT: { en: "At most one of {fields} may be given.", zh: "{fields} 中最多只能给出一个。" },
  EXPECTED_OBJECT: { en: "Expected an object.", zh: "应为对象。" },
  EXPECTED_ARRAY: { en: "Expected an array.", zh: "应为数组。" },
  EXPECTED_STRING: { en: "Expected a string.", zh: "应为字符串。" },
  EXPECTED_BOOLEAN: { en: "Expected true or false.", zh: "应为 true 或 false。" },
  EXPECTED_INTEGER: { en: "Expected a whole number.", zh: "应为整数。" },
  EXPECTED_INTEGER_TEXT: {
    en: 'Expected a whole number as a string, such as "5".',
    zh: '应为字符串形式的整数，例如 "5"。',
  },
  EXPECTED_NUMBER: { en: "Expected a number.", zh: "应为数字。" },
  EXPECTED_ENUM: { en: "Expected one of {values}.", zh: "应为以下值之一：{values}。" },
  EXPECTED_BASE64: { en: "Expected a base64 string.", zh: "应为 base64 字符串。" },
  EXPECTED_TIMESTAMP: {
    en: "Expected an RFC 3339 time such as 2026-01-31T08:30:00Z.",
    zh: "应为 RFC 3339 时间，例如 2026-01-31T08:30:00Z。",
  },
  EXPECTED_DURATION: { en: "Expected seconds such as 1.5s.", zh: "应为秒数，例如 1.5s。" },
  EXPECTED_FIELD_MASK: {
    en: "Expected lowerCamelCase field paths separated by commas.",
    zh: "应为以逗号分隔的 lowerCamelCase 字段路径。",
  },
  EXPECTED_ANY: { en: "Expected an object with a known @type.", zh: "应为带有已知 @type 的对象。" },
  NULL_NOT_ALLOWED: { en: "Null is not allowed here; leave the field out.", zh: "此处不允许 null，请省略该字段。" },
  OUT_OF_RANGE: { en: "The number is out of range.", zh: "数字超出范围。" },
  INVALID_UNICODE: { en: "The text holds half of a surrogate pair.", zh: "文本含有不成对的代理项。" },
  TOO_DEEP: { en: "The value is nested too deeply.", zh: "嵌套层次过深。" },
  PATH_MISMATCH: { en: "The value differs from the one in the path.", zh: "该值与路径中的值不一致。" },
} as const satisfies Record<string, Readonly<Record<Locale, string>>>;

/** What a person reads of a violation. */
export const violationMessage = ({ code, params = {} }: Violation, locale: Locale): string =>
  MESSAGES[code][locale].replace(/\{(\w+)\}/g, (placeholder, name: string) => params[name] ?? placeholder);

/** More than this many are not told: a hostile body must not make a long answer. */
export const MAX_VIOLATIONS = 100;
