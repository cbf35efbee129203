import type { Form } from "@keynode/contracts/crm/identity/v1/form";
import type {
  FormCreated,
  FormDeleted,
  FormEdited,
  FormRestored,
} from "@keynode/contracts/crm/identity/v1/form_events";
import type {
  CreateFormRequest,
  DeleteFormRequest,
  UndeleteFormRequest,
  UpdateFormRequest,
} from "@keynode/contracts/crm/identity/v1/form_service";
import { deleted, edited, restored } from "@keynode/decider/crud";
import { type Decider, decideBy, onRecord, type Tagged } from "@keynode/decider/decider";
import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";

export type FormCommand = Tagged<{
  CreateForm: CreateFormRequest;
  UpdateForm: UpdateFormRequest;
  DeleteForm: DeleteFormRequest;
  UndeleteForm: UndeleteFormRequest;
}>;

export type FormEvent = Tagged<{
  FormCreated: FormCreated;
  FormEdited: FormEdited;
  FormDeleted: FormDeleted;
  FormRestored: FormRestored;
}>;

/** All that a decision about a form may know besides its arguments. */
export type FormContext = {
  readonly now: Date;
  /** The collections whose records can have a form. */
  readonly collections: ReadonlySet<string>;
  /** The fields that the collection's records have, custom ones as `customFields.shoeSize`. */
  readonly fields: ReadonlySet<string>;
};

/** Errors: FORM_INVALID naming every entry that names no field, or one that stands in the form already. */
const refuseEntries = (
  { collection, sections }: Form,
  { collections, fields }: FormContext,
): DomainError | undefined => {
  if (!collections.has(collection)) {
    return reject("FORM_INVALID", {}, [{ field: "form.collection", reason: "COLLECTION_UNKNOWN" }]);
  }
  const seen = new Set<string>();
  const violations: FieldViolation[] = [];
  for (const [section, { entries }] of sections.entries()) {
    for (const [entry, { field }] of entries.entries()) {
      const place = `form.sections[${section}].entries[${entry}].field`;
      if (!fields.has(field)) violations.push({ field: place, reason: "FORM_FIELD_UNKNOWN" });
      else if (seen.has(field)) violations.push({ field: place, reason: "FORM_FIELD_REPEATED" });
      seen.add(field);
    }
  }
  return violations.length === 0 ? undefined : reject("FORM_INVALID", {}, violations);
};

/** A form names fields that there are, each once. Errors: FORM_INVALID. */
export const formDecider: Decider<FormCommand, Form, FormEvent, FormContext> = {
  decide: decideBy<FormCommand, Form, FormEvent, FormContext>({
    CreateForm: ({ form }, _state, context) =>
      form === undefined ? [] : (refuseEntries(form, context) ?? [{ type: "FormCreated", form }]),
    UpdateForm: onRecord(({ form, updateMask = [] }, state, context) => {
      if (form === undefined) return [];
      const after = withChanges(state, form, updateMask);
      return refuseEntries(after, context) ?? edited("Form", state, form, updateMask, context);
    }),
    DeleteForm: onRecord((_command, state, context) => deleted("Form", state, context)),
    UndeleteForm: onRecord((_command, state) => restored("Form", state)),
  }),
  evolve: (before, event) => {
    const state = before as Form;
    switch (event.type) {
      case "FormCreated":
        return event.form as Form;
      case "FormEdited":
        return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
      case "FormDeleted":
        return { ...state, deleteTime: event.deleteTime };
      case "FormRestored":
        return { ...state, deleteTime: undefined };
    }
  },
};
