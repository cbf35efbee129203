import { getOption, hasOption, type Message } from "@bufbuild/protobuf";
import { nestedTypes, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { registry } from "@keynode/contracts/descriptors";
import { expect, test } from "vitest";
import { ruleMessage } from "../src/rule-messages.ts";

const settings = (values: Record<string, string> = {}) => new Map(Object.entries(values));

test.each([
  ["string.min_len", { min_len: "1" }, "must not be empty", "不能为空"],
  ["string.min_len", { min_len: "3" }, "must have at least 3 characters", "至少需要 3 个字符"],
  ["string.email_empty", {}, "must not be empty", "不能为空"],
  ["int32.gte", { gte: "0" }, "must be at least 0", "必须不小于 0"],
  ["double.gt_lt", { gt: "0", lt: "1" }, "must be greater than 0 and less than 1", "必须大于 0，且小于 1"],
  ["int64.gte_lte_exclusive", { gte: "9", lte: "1" }, "must be at least 9 or at most 1", "必须不小于 9，或不大于 1"],
  ["duration.gte", { gte: "900 s" }, "must be at least 900 s", "必须不小于 900 s"],
  ["enum.not_in", {}, "is a value that is not allowed", "该取值不被允许"],
  ["repeated.max_items", { max_items: "50" }, "must have at most 50 items", "最多 50 项"],
])("%s %o is told as: %s", (rule, values, en, zh) => {
  expect(ruleMessage(rule, settings(values), "en")).toBe(en);
  expect(ruleMessage(rule, settings(values), "zh")).toBe(zh);
});

test("a rule of the contract's own has no message here", () => {
  expect(ruleMessage("lead.contact_required", settings(), "zh")).toBeUndefined();
  expect(ruleMessage("int32.gte", settings(), "en")).toBeUndefined();
});

/** Ids of the rules set in a FieldRules message or in the rules of one type, `repeated.items` included. */
const ruleIds = (rules: ReflectMessage, type?: string): string[] =>
  rules.fields.flatMap((field) => {
    if (!rules.isSet(field) || NO_RULES.has(field.name)) return [];
    if (field.fieldKind === "message" && field.message.typeName !== "google.protobuf.Duration")
      return ruleIds(rules.get(field), field.name === "items" ? undefined : field.name);
    return type === undefined ? [field.name] : [`${type}.${field.name}`];
  });

/** Settings that judge no value. */
const NO_RULES: ReadonlySet<string> = new Set(["ignore", "example", "strict"]);

test("every rule that the contract uses has a message in both languages", () => {
  const option = registry().getExtension("buf.validate.field");
  if (option?.message === undefined) throw new Error("the contract lacks buf.validate");
  const { message } = option;
  const fields = [...registry().files]
    .filter((file) => file.name.startsWith("crm/"))
    .flatMap((file) => [...nestedTypes(file)])
    .flatMap((type) => (type.kind === "message" ? type.fields : []))
    .filter((field) => hasOption(field, option));
  const used = new Set(fields.flatMap((field) => ruleIds(reflect(message, getOption(field, option) as Message))));
  const untold = [...used].filter((id) => {
    const setting = settings({ [id.slice(id.lastIndexOf(".") + 1)]: "5" });
    return ruleMessage(id, setting, "en") === undefined || ruleMessage(id, setting, "zh") === undefined;
  });
  expect(used.size).toBeGreaterThan(5);
  expect(untold).toEqual([]);
});
