import {
  create,
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  getOption,
  hasOption,
  isMessage,
  type Message,
} from "@bufbuild/protobuf";
import { type Path, pathToString, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";
import type { Locale } from "@keynode/decider/error-table";
import { contractCheck } from "./contract-check.ts";
import { patternMatch } from "./pattern-match.ts";
import { ruleMessage } from "./rule-messages.ts";
import { updateScope } from "./update-scope.ts";

/** What is wrong with a request: with the whole of it, and with single items of a batch by their index. */
export type Verdict = { readonly refusal?: DomainError; readonly items: ReadonlyMap<number, DomainError> };

/** Judges the bytes of one request message; undefined when nothing is wrong. */
export type RequestValidator = (bytes: Uint8Array, locale: Locale) => Verdict | undefined;

export type Validation = {
  /**
   * The validator of a request message, compiled; undefined when nothing in it has a rule. `itemsField` names the
   * repeated field whose items are judged one by one; `demandsRequired` says that required fields of resources must be
   * there. Throws when a rule cannot be compiled.
   */
  readonly of: (
    message: DescMessage,
    options: { readonly itemsField?: string | undefined; readonly demandsRequired: boolean },
  ) => RequestValidator | undefined;
};

/** Validation by the rules that the contract declares (buf.validate), read from the registry. */
export const requestValidation = (registry: FileRegistry): Validation => {
  const engine = createValidator({ registry, regexMatch: patternMatch });
  const fieldRules = registry.getExtension("buf.validate.field");
  const messageRules = registry.getExtension("buf.validate.message");
  const oneofRules = registry.getExtension("buf.validate.oneof");

  const hasRules = (message: DescMessage, seen: Set<DescMessage> = new Set()): boolean => {
    if (seen.has(message)) return false;
    seen.add(message);
    return (
      (messageRules !== undefined && hasOption(message, messageRules)) ||
      (oneofRules !== undefined && message.oneofs.some((oneof) => hasOption(oneof, oneofRules))) ||
      message.fields.some(
        (field) =>
          (fieldRules !== undefined && hasOption(field, fieldRules)) ||
          (field.message !== undefined && hasRules(field.message, seen)),
      )
    );
  };

  /** The settings that stand beside the violated one: `{min_len: 1, max_len: 200}`. */
  const settingsOf = ({ field, rule }: Violation): ReadonlyMap<string, string> => {
    const described = field.findLast((step): step is DescField => step.kind === "field");
    if (described === undefined || fieldRules?.message === undefined) return NO_SETTINGS;
    const option: unknown = getOption(described, fieldRules);
    let rules: ReflectMessage = reflect(fieldRules.message, option as Message);
    for (const step of rule.slice(0, -1)) {
      const setting = rules.fields.find((candidate) => "name" in step && candidate.name === step.name);
      if (setting?.fieldKind !== "message" || !rules.isSet(setting)) return NO_SETTINGS;
      rules = rules.get(setting);
    }
    const settings = new Map<string, string>();
    for (const setting of rules.fields) {
      if (!rules.isSet(setting)) continue;
      if (setting.fieldKind === "scalar") settings.set(setting.name, String(rules.get(setting)));
      const bound = setting.fieldKind === "message" ? rules.get(setting).message : undefined;
      if (bound !== undefined && isMessage(bound, DurationSchema)) settings.set(setting.name, `${bound.seconds} s`);
    }
    return settings;
  };

  const reported = (violation: Violation, field: Path, locale: Locale): FieldViolation => ({
    field: pathToString(field),
    reason: reasonOf(violation.ruleId),
    description: ruleMessage(violation.ruleId, settingsOf(violation), locale) ?? violation.message,
  });

  return {
    of: (message, { itemsField, demandsRequired }) => {
      const contract = contractCheck(message, demandsRequired);
      if (!hasRules(message) && contract === undefined) return undefined;
      const scopeOf = updateScope(message);
      const trial = engine.validate(message, create(message));
      if (trial.kind === "error") throw trial.error;
      return (bytes, locale) => {
        const request = decoded(message, bytes);
        if (request === undefined) return MALFORMED;
        const result = engine.validate(message, request);
        if (result.kind === "error") throw result.error;
        const judged = [
          ...(contract?.(request) ?? []).map(({ field: path, ruleId }) => ({
            path,
            report: (field: Path): FieldViolation => ({
              field: pathToString(field),
              reason: reasonOf(ruleId),
              description: ruleMessage(ruleId, NO_SETTINGS, locale) ?? ruleId,
            }),
          })),
          ...(result.violations ?? []).map((violation) => ({
            path: violation.field,
            report: (field: Path) => reported(violation, field, locale),
          })),
        ];
        if (judged.length === 0) return undefined;
        const takesNotice = scopeOf?.(request);
        const found = takesNotice === undefined ? judged : judged.filter(({ path }) => takesNotice(path));
        if (found.length === 0) return undefined;
        const named = new Set<string>();
        const whole: FieldViolation[] = [];
        const items = new Map<number, FieldViolation[]>();
        for (const { path, report } of found) {
          // An empty or masked field may break a rule of its own, too: it is named once, by the first.
          const place = pathToString(path);
          if (named.has(place) && path.length > 0) continue;
          named.add(place);
          const index = itemsField === undefined ? undefined : itemIndex(path, itemsField);
          if (index === undefined) {
            whole.push(report(path));
            continue;
          }
          const item = items.get(index) ?? [];
          item.push(report(path.slice(2)));
          items.set(index, item);
        }
        const refusals = new Map([...items].map(([index, violations]) => [index, invalid(violations)]));
        return whole.length > 0 ? { refusal: invalid(whole), items: refusals } : { items: refusals };
      };
    },
  };
};

const MALFORMED: Verdict = { refusal: reject("MALFORMED_REQUEST"), items: new Map() };

const decoded = (message: DescMessage, bytes: Uint8Array): Message | undefined => {
  try {
    return fromBinary(message, bytes);
  } catch {
    return undefined;
  }
};

const NO_SETTINGS: ReadonlyMap<string, string> = new Map();

const invalid = (violations: readonly FieldViolation[]): DomainError => reject("INVALID_REQUEST", {}, violations);

/** google.rpc asks for UPPER_SNAKE_CASE: `string.max_len` → `STRING_MAX_LEN`. */
const reasonOf = (ruleId: string): string => ruleId.replace(/[^A-Za-z0-9]+/g, "_").toUpperCase();

/** The item's index when the path leads into an item of that field. */
const itemIndex = ([field, item, ...rest]: Path, itemsField: string): number | undefined =>
  field?.kind === "field" && field.name === itemsField && item?.kind === "list_sub" && rest.length > 0
    ? item.index
    : undefined;
