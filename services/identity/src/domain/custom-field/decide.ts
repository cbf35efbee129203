import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { edited } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { type DomainError, type FieldViolation, isDomainError, reject } from "@keynode/decider/domain-error";
import { isSame, withChanges } from "@keynode/decider/record";
import { definitionProblems } from "@keynode/fields/definition-problems";
import { sortSlots } from "@keynode/fields/tokens";
import type { CustomFieldCommand, CustomFieldContext, CustomFieldEvent, CustomFieldState } from "./custom-field.ts";

/** Fields that a collection of a tenant can have, retired ones too. */
export const fieldLimit = 200;
/** Fields that it can have had: deleted ones keep their keys and can be had back. It bounds what a decision reads. */
export const heldLimit = 1_000;

/**
 * C-019. Errors: CUSTOM_FIELD_INVALID naming every part that is wrong; CUSTOM_FIELD_LIMIT_REACHED;
 * SORTABLE_LIMIT_REACHED; KIND_NOT_CHANGEABLE.
 */
export const decide = decideBy<CustomFieldCommand, CustomFieldState, CustomFieldEvent, CustomFieldContext>({
  CreateCustomField: ({ customField }, _state, context) => {
    if (customField === undefined) return [];
    const seated = withSlot({ ...customField, retireTime: undefined }, context);
    if (isDomainError(seated)) return seated;
    return refuseInvalid(seated, context, "custom_field.") ?? [{ type: "CustomFieldCreated", customField: seated }];
  },
  UpdateCustomField: onRecord(({ customField, updateMask = [] }, state, context) => {
    if (customField === undefined) return [];
    const after = withChanges(state, customField, updateMask);
    return (
      refuseInvalid(after, context, "custom_field.") ?? edited("CustomField", state, customField, updateMask, context)
    );
  }),
  ChangeCustomFieldKind: onRecord(
    ({ kind, choices, vocabulary, referenceCollection, currencyCode }, state, context) => {
      if (kind === state.kind) return [];
      if (state.kind === "FORMULA" || kind === "FORMULA" || state.sortable) {
        return reject("KIND_NOT_CHANGEABLE", { kind: state.kind });
      }
      if (currencyCode !== "" && kind !== "MONEY" && kind !== "NUMBER") {
        return reject("CUSTOM_FIELD_INVALID", {}, [{ field: "currency_code", reason: "NOT_OF_THIS_KIND" }]);
      }
      const parts = { choices, vocabulary, referenceCollection, currencyCode };
      const change = { fromKind: state.kind, toKind: kind, ...parts, changeTime: context.now };
      return refuseInvalid(asKind(state, change), context, "") ?? [{ type: "CustomFieldKindChanged", ...change }];
    },
  ),
  ConcludeConversion: onRecord(({ conversion }, state) => {
    const { conversion: begun } = state;
    const isIt =
      begun !== undefined && begun.fromKind === conversion.fromKind && isSame(begun.startTime, conversion.startTime);
    if (!isIt || begun.state === "DONE" || conversion.state !== "DONE") return [];
    const { convertedCount, keptCount, finishTime } = conversion;
    return [{ type: "CustomFieldConverted", convertedCount, keptCount, finishTime }];
  }),
  RetireCustomField: onRecord((_command, state, { now }) =>
    state.retireTime === undefined ? [{ type: "CustomFieldRetired", retireTime: now }] : [],
  ),
  UnretireCustomField: onRecord((_command, state) =>
    state.retireTime === undefined ? [] : [{ type: "CustomFieldUnretired" }],
  ),
  DeleteCustomField: onRecord((_command, state, { now }) =>
    state.deleteTime === undefined ? [{ type: "CustomFieldDeleted", deleteTime: now }] : [],
  ),
  UndeleteCustomField: onRecord((_command, state, context) => {
    if (state.deleteTime === undefined) return [];
    if (context.others.length >= fieldLimit) return reject("CUSTOM_FIELD_LIMIT_REACHED", { limit: String(fieldLimit) });
    return [{ type: "CustomFieldRestored", sortSlot: state.sortSlot }];
  }),
});

type KindChange = Pick<CustomField, "choices" | "vocabulary" | "referenceCollection" | "currencyCode"> & {
  readonly toKind: CustomField["kind"];
};

/** What a field is after a change of its kind: what only the former kind has is gone. */
export const asKind = <State extends CustomField>(
  state: State,
  { toKind: kind, choices, vocabulary, referenceCollection, currencyCode }: KindChange,
): State => ({
  ...state,
  kind,
  choices,
  vocabulary,
  referenceCollection,
  defaultValue: undefined,
  min: undefined,
  max: undefined,
  maxLength: undefined,
  pattern: "",
  unit: kind === "NUMBER" ? currencyCode || state.unit : "",
  currencyCode: kind === "MONEY" ? currencyCode : "",
});

/** A field with an order of its own, where it needs one. */
const withSlot = <State extends CustomField>(
  field: State,
  { others, held, slots }: CustomFieldContext,
): State | DomainError => {
  const limit = held >= heldLimit ? heldLimit : fieldLimit;
  if (held >= heldLimit || others.length >= fieldLimit) {
    return reject("CUSTOM_FIELD_LIMIT_REACHED", { limit: String(limit) });
  }
  if (!field.sortable) return { ...field, sortSlot: 0 };
  const sortSlot = sortSlots.find((slot) => !slots.has(slot));
  return sortSlot === undefined
    ? reject("SORTABLE_LIMIT_REACHED", { limit: String(sortSlots.length) })
    : { ...field, sortSlot };
};

const refuseInvalid = (
  field: CustomField,
  { others, roles }: CustomFieldContext,
  prefix: string,
): DomainError | undefined => {
  const problems: FieldViolation[] = [
    ...definitionProblems(field, others),
    ...(["readerRoleIds", "writerRoleIds"] as const).flatMap((part) =>
      field[part].every((id) => roles.has(id))
        ? []
        : [{ field: part === "readerRoleIds" ? "reader_role_ids" : "writer_role_ids", reason: "NO_SUCH_ROLE" }],
    ),
  ];
  if (problems.length === 0) return undefined;
  const violations = problems.map((problem) => ({ ...problem, field: `${prefix}${problem.field}` }));
  return reject("CUSTOM_FIELD_INVALID", {}, violations);
};
