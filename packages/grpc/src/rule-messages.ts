import type { Locale } from "@keynode/decider/error-table";

type Text = Readonly<Record<Locale, string>>;

/**
 * What is wrong with a value, by protovalidate's rule id; `{max_len}` is that setting of the rule.
 * Bounds (`int32.gte`, `double.gt_lt`, …) are put together from their settings instead.
 */
const RULES: Readonly<Record<string, Text>> = {
  required: { en: "is required", zh: "必填" },
  masked_value: {
    en: "is masked: leave it out, or send the whole value",
    zh: "是掩码后的值：请勿填写，或提供完整的值",
  },
  "message.oneof": { en: "exactly one of several fields must be set", zh: "多个字段中须且仅须填写一个" },

  "date.valid": { en: "is not a date of the calendar", zh: "不是有效的日期" },
  "money.currency_code": {
    en: "needs a currency of three capital letters (ISO 4217)",
    zh: "币种须为三个大写字母（ISO 4217）",
  },
  "money.nanos": {
    en: "must have nanos between -999999999 and 999999999",
    zh: "nanos 须在 -999999999 至 999999999 之间",
  },
  "money.sign": { en: "must have units and nanos of one sign", zh: "units 与 nanos 的符号须一致" },

  "string.const": { en: "must be {const}", zh: "必须为 {const}" },
  "string.len": { en: "must have exactly {len} characters", zh: "必须正好 {len} 个字符" },
  "string.min_len": { en: "must have at least {min_len} characters", zh: "至少需要 {min_len} 个字符" },
  "string.max_len": { en: "must have at most {max_len} characters", zh: "最多 {max_len} 个字符" },
  "string.len_bytes": { en: "must have exactly {len_bytes} bytes", zh: "必须正好 {len_bytes} 个字节" },
  "string.min_bytes": { en: "must have at least {min_bytes} bytes", zh: "至少需要 {min_bytes} 个字节" },
  "string.max_bytes": { en: "must have at most {max_bytes} bytes", zh: "最多 {max_bytes} 个字节" },
  "string.pattern": { en: "does not have the required form", zh: "格式不正确" },
  "string.prefix": { en: "must begin with {prefix}", zh: "必须以 {prefix} 开头" },
  "string.suffix": { en: "must end with {suffix}", zh: "必须以 {suffix} 结尾" },
  "string.contains": { en: "must contain {contains}", zh: "必须包含 {contains}" },
  "string.not_contains": { en: "must not contain {not_contains}", zh: "不能包含 {not_contains}" },
  "string.email": { en: "is not an e-mail address", zh: "不是有效的电子邮箱地址" },
  "string.uri": { en: "is not an absolute URI", zh: "不是有效的网址" },
  "string.uri_ref": { en: "is not a URI reference", zh: "不是有效的 URI 引用" },
  "string.hostname": { en: "is not a host name", zh: "不是有效的主机名" },
  "string.host_and_port": { en: "is not a host and port", zh: "不是有效的主机与端口" },
  "string.address": { en: "is not a host name or IP address", zh: "不是有效的主机名或 IP 地址" },
  "string.ip": { en: "is not an IP address", zh: "不是有效的 IP 地址" },
  "string.ipv4": { en: "is not an IPv4 address", zh: "不是有效的 IPv4 地址" },
  "string.ipv6": { en: "is not an IPv6 address", zh: "不是有效的 IPv6 地址" },
  "string.uuid": { en: "is not a UUID", zh: "不是有效的 UUID" },

  "bytes.len": { en: "must have exactly {len} bytes", zh: "必须正好 {len} 个字节" },
  "bytes.min_len": { en: "must have at least {min_len} bytes", zh: "至少需要 {min_len} 个字节" },
  "bytes.max_len": { en: "must have at most {max_len} bytes", zh: "最多 {max_len} 个字节" },

  "enum.defined_only": { en: "is not one of the defined values", zh: "不是已定义的取值" },
  "bool.const": { en: "must be {const}", zh: "必须为 {const}" },

  "repeated.min_items": { en: "must have at least {min_items} items", zh: "至少需要 {min_items} 项" },
  "repeated.max_items": { en: "must have at most {max_items} items", zh: "最多 {max_items} 项" },
  "repeated.unique": { en: "must not repeat an item", zh: "各项不能重复" },
  "map.min_pairs": { en: "must have at least {min_pairs} entries", zh: "至少需要 {min_pairs} 个条目" },
  "map.max_pairs": { en: "must have at most {max_pairs} entries", zh: "最多 {max_pairs} 个条目" },

  "timestamp.gt_now": { en: "must lie in the future", zh: "必须晚于当前时间" },
  "timestamp.lt_now": { en: "must lie in the past", zh: "必须早于当前时间" },
  "timestamp.within": { en: "is too far from now", zh: "与当前时间相差过大" },
};

/** The same for every type that has the rule, by the id's last part. */
const RULES_OF_ANY_TYPE: Readonly<Record<string, Text>> = {
  const: { en: "must be {const}", zh: "必须为 {const}" },
  in: { en: "is not one of the allowed values", zh: "不是允许的取值" },
  not_in: { en: "is a value that is not allowed", zh: "该取值不被允许" },
  finite: { en: "must be a finite number", zh: "必须为有限数值" },
  unique: { en: "must not repeat an item", zh: "各项不能重复" },
};

const EMPTY: Text = { en: "must not be empty", zh: "不能为空" };

const BOUNDS: readonly (readonly [setting: string, text: Text])[] = [
  ["gt", { en: "greater than {gt}", zh: "大于 {gt}" }],
  ["gte", { en: "at least {gte}", zh: "不小于 {gte}" }],
  ["lt", { en: "less than {lt}", zh: "小于 {lt}" }],
  ["lte", { en: "at most {lte}", zh: "不大于 {lte}" }],
];
const BOUND_RULE = /^(?:gte?|lte?|gte?_lte?)(_exclusive)?$/;

/** What is wrong, in one language; undefined for rules that the tables do not know, such as a contract's own. */
export const ruleMessage = (
  ruleId: string,
  settings: ReadonlyMap<string, string>,
  locale: Locale,
): string | undefined => {
  if (ruleId.endsWith("_empty") || (ruleId.endsWith(".min_len") && settings.get("min_len") === "1")) {
    return EMPTY[locale];
  }
  const rule = ruleId.slice(ruleId.lastIndexOf(".") + 1);
  const known = RULES[ruleId] ?? RULES_OF_ANY_TYPE[rule];
  return known ? filled(known[locale], settings) : boundMessage(rule, settings, locale);
};

const boundMessage = (rule: string, settings: ReadonlyMap<string, string>, locale: Locale): string | undefined => {
  const bound = BOUND_RULE.exec(rule);
  const parts = BOUNDS.filter(([setting]) => settings.has(setting)).map(([, text]) => filled(text[locale], settings));
  if (bound === null || parts.length === 0) return undefined;
  const either = bound[1] !== undefined;
  return locale === "zh"
    ? `必须${parts.join(either ? "，或" : "，且")}`
    : `must be ${parts.join(either ? " or " : " and ")}`;
};

const filled = (text: string, settings: ReadonlyMap<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (placeholder, name: string) => settings.get(name) ?? placeholder);
