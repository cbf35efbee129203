import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";
import { type ErrorTable, type Locale, refusalMessage } from "@keynode/decider/error-table";

/** What can be wrong with a list request; told in the caller's language as the description of a violation. */
export const queryProblems = {
  FILTER_TOO_LONG: invalid("is longer than {limit} characters", "超过 {limit} 个字符"),
  FILTER_TOO_DEEP: invalid("is nested deeper than {limit} levels", "嵌套超过 {limit} 层"),
  FILTER_TOO_MANY_TERMS: invalid("has more than {limit} comparisons", "比较条件超过 {limit} 个"),
  FILTER_SYNTAX: invalid("cannot be read at character {at}: {found}", "第 {at} 个字符处无法识别：{found}"),
  FILTER_ENDS_EARLY: invalid("ends where a comparison should follow", "在应有比较条件处结束"),
  FILTER_FUNCTION: invalid("functions are not offered: {name}", "不支持函数：{name}"),
  FILTER_BARE_WORD: invalid(
    "{word} is not a comparison: write field = value, and AND, OR, NOT in capitals",
    "{word} 不是比较条件：请写作 字段 = 值，AND、OR、NOT 须大写",
  ),
  FILTER_UNKNOWN_FIELD: invalid("{field} cannot be filtered; these can: {known}", "{field} 不可筛选，可筛选：{known}"),
  FILTER_WRONG_TYPE: invalid("{field} takes {expected}, not {found}", "{field} 的值应为 {expected}，而不是 {found}"),
  FILTER_COMPARATOR: invalid("{field} cannot be compared by {comparator}", "{field} 不支持比较符 {comparator}"),
  FILTER_WILDCARD: invalid(
    "{field}: * may stand only at the end, and only where a field is matched by its beginning",
    "{field}：* 只能用在支持前缀匹配的字段的末尾",
  ),
  FILTER_NOT_SERVED: invalid(
    "no index serves {unserved} ordered by {order}; ordered so it can be filtered by: {served}",
    "按 {order} 排序时没有索引支持 {unserved}，可用的筛选：{served}",
  ),
  FIELD_CONCEALED: {
    code: "PERMISSION_DENIED",
    message: {
      en: "{field} is masked for the caller, who can neither filter nor order by it",
      zh: "{field} 对您是掩码显示的，不能用于筛选或排序",
    },
  },
  FILTER_TIMED_OUT: invalid(
    "took longer than {limitMs} ms: add a condition that narrows it",
    "耗时超过 {limitMs} 毫秒：请增加条件缩小范围",
  ),
  ORDER_NOT_OFFERED: invalid(
    "{order} is not offered: give one of these, with `desc` or without: {known}",
    "不支持 {order}：请从下列字段选择一个，可加 desc：{known}",
  ),
  PAGE_SIZE_NEGATIVE: invalid("is negative", "不能为负数"),
  PAGE_TOKEN_UNREADABLE: invalid("was not made by this service", "不是本服务生成的分页标记"),
  PAGE_TOKEN_OF_ANOTHER_LIST: invalid(
    "belongs to a list with another filter or order",
    "属于另一组筛选或排序条件的列表",
  ),
  MASK_UNKNOWN_FIELD: invalid("{field} is not a field", "{field} 不是有效字段"),
} as const satisfies ErrorTable;

function invalid(en: string, zh: string) {
  return { code: "INVALID_ARGUMENT", message: { en, zh } } as const;
}

export type ProblemReason = keyof typeof queryProblems;

/** One thing wrong with a request, not yet told in a language. */
export type Problem = {
  readonly kind: "Problem";
  readonly reason: ProblemReason;
  readonly metadata: Readonly<Record<string, string>>;
};

export const problem = (reason: ProblemReason, metadata: Readonly<Record<string, string>> = {}): Problem => ({
  kind: "Problem",
  reason,
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, shortened(value)])),
});

/** Placeholders hold what the caller wrote, which may be the whole filter. */
const maxPlaceholderLength = 200;

const shortened = (text: string): string =>
  text.length > maxPlaceholderLength ? `${text.slice(0, maxPlaceholderLength)}…` : text;

export const isProblem = (value: object): value is Problem => "kind" in value && value.kind === "Problem";

/** The refusal that names every problem of one request field, `detail` being the first in words. */
export const refuse = (
  reason: string,
  field: string,
  problems: readonly [Problem, ...Problem[]],
  locale: Locale,
): DomainError => {
  const violations = problems.map(
    ({ reason: which, metadata }): FieldViolation => ({
      field,
      reason: which,
      description: refusalMessage(queryProblems[which], locale, metadata),
    }),
  );
  const fields = problems.flatMap(({ metadata }) => metadata["field"] ?? []).join(", ");
  return reject(reason, { detail: violations[0]?.description ?? "", ...(fields && { field: fields }) }, violations);
};
