import type { ErrorTable } from "@keynode/decider/error-table";

/** What can be wrong with the values of custom fields, one by one. */
export const fieldErrors = {
  CUSTOM_FIELD_UNKNOWN: {
    code: "INVALID_ARGUMENT",
    message: { en: "is no custom field of these records", zh: "不是该类记录的自定义字段" },
  },
  CUSTOM_FIELD_RETIRED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is retired and takes no new values", zh: "已停用，不再接受新值" },
  },
  CUSTOM_FIELD_READ_ONLY: {
    code: "PERMISSION_DENIED",
    message: { en: "is not for the caller's roles to set", zh: "您的角色不能设置该字段" },
  },
  CUSTOM_FIELD_REQUIRED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is required", zh: "为必填项" },
  },
  CUSTOM_FIELD_WRONG_KIND: {
    code: "INVALID_ARGUMENT",
    message: { en: "is not a value of the field's kind", zh: "值与字段类型不符" },
  },
  CUSTOM_FIELD_TOO_LONG: {
    code: "INVALID_ARGUMENT",
    message: { en: "has more characters than the field takes", zh: "超过字段允许的字数" },
  },
  CUSTOM_FIELD_PATTERN: {
    code: "INVALID_ARGUMENT",
    message: { en: "does not look as the field demands", zh: "不符合字段要求的格式" },
  },
  CUSTOM_FIELD_OUT_OF_RANGE: {
    code: "INVALID_ARGUMENT",
    message: { en: "lies beyond what the field takes", zh: "超出字段允许的范围" },
  },
  CUSTOM_FIELD_MALFORMED: {
    code: "INVALID_ARGUMENT",
    message: { en: "is malformed", zh: "格式无效" },
  },
  CUSTOM_FIELD_OTHER_CURRENCY: {
    code: "INVALID_ARGUMENT",
    message: { en: "is not in the field's currency", zh: "币种与字段要求不符" },
  },
  CUSTOM_FIELD_NO_CHOICE: {
    code: "INVALID_ARGUMENT",
    message: { en: "is none of the field's choices", zh: "不是该字段的选项" },
  },
  CUSTOM_FIELDS_TOO_LARGE: {
    code: "INVALID_ARGUMENT",
    message: {
      en: "The values of the custom fields take more than 64 KiB",
      zh: "自定义字段的值超过 64 KiB",
    },
  },
} as const satisfies ErrorTable;

/** Why one value is refused. */
export type FieldReason = Exclude<keyof typeof fieldErrors, "CUSTOM_FIELDS_TOO_LARGE">;
