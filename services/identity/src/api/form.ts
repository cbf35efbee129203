import type { ContextFor } from "@keynode/aggregate/store";
import { command, commandScope, shown } from "@keynode/api/command";
import { inputOf } from "@keynode/api/input";
import { get, list } from "@keynode/api/read";
import { Form } from "@keynode/contracts/crm/identity/v1/form";
import type { FormServiceService } from "@keynode/contracts/crm/identity/v1/form_service";
import { readPermission } from "@keynode/contracts/record-types";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import { holders } from "@keynode/fields/holders";
import { dryRunnable } from "@keynode/grpc/dry-run";
import type { Handlers } from "@keynode/grpc/implement";
import { grantedScope } from "@keynode/auth/principal";
import type { FormCommand, FormContext } from "../domain/form/form.ts";
import { resolveForm } from "../form/resolve-form.ts";
import { settableFields } from "../form/standard-fields.ts";
import { formIdOf } from "../form.ts";
import type { Stores } from "../stores.ts";
import { vocabulariesOf } from "../vocabularies-of.ts";
import { fieldsOf } from "./contexts.ts";
import { formListing } from "./form-list.ts";

const shape = { typeName: "crm.identity.v1.Form", fromPartial: Form.fromPartial };

/** What a decision about a form may know, looked up for each attempt. */
export const formContext =
  ({ customFields }: Pick<Stores, "customFields">): ContextFor<Form, FormContext, FormCommand> =>
  async ({ now, tenant }, state, given) => {
    const collection = state?.collection ?? ("form" in given ? (given.form?.collection ?? "") : "");
    const holder = holders().get(collection);
    const standard = holder === undefined ? [] : settableFields(holder).map(({ jsonName }) => jsonName);
    const own = await fieldsOf(customFields, tenant, collection);
    return {
      now,
      collections: new Set(holders().keys()),
      fields: new Set([...standard, ...own.map(({ key }) => `customFields.${key}`)]),
    };
  };

/** One entry per rpc of FormService. */
export const formApi = (
  stores: Pick<Stores, "forms" | "customFields" | "vocabularies">,
): Handlers<typeof FormServiceService> => {
  const { forms, customFields, vocabularies } = stores;
  const input = inputOf<Form>(shape, "form.");
  const context = formContext(stores);

  return {
    createForm: dryRunnable(async ({ form: given = Form.fromPartial({}) }, call) => {
      const form = { ...input.ofCreate(given), ownerId: call.actor };
      const scope = commandScope(call);
      if (isDomainError(scope)) return scope;
      const id = formIdOf(call.tenant, form.collection);
      const outcome = await forms.create({ type: "CreateForm", form }, scope, context, id);
      return isDomainError(outcome) ? outcome : shown(outcome);
    }),
    getForm: get(forms, shape),
    listForms: list(forms, shape, formListing, "forms"),
    updateForm: dryRunnable(async ({ form: patch = Form.fromPartial({}), updateMask }, call) => {
      const paths = input.ofUpdate(patch, updateMask);
      if (isDomainError(paths)) return paths;
      const scope = commandScope(call, patch.etag);
      if (isDomainError(scope)) return scope;
      const change: FormCommand = { type: "UpdateForm", form: patch, updateMask: [...paths] };
      const outcome = await forms.execute(patch.id, change, scope, context);
      return isDomainError(outcome) ? outcome : shown(outcome);
    }),
    deleteForm: command(forms, "DeleteForm", context),
    undeleteForm: command(forms, "UndeleteForm", context),
    resolveForm: async ({ collection, status }, { tenant, principal, locale }) => {
      const holder = holders().get(collection);
      if (holder === undefined) {
        return reject("COLLECTION_UNKNOWN", { collection }, [{ field: "collection", reason: "COLLECTION_UNKNOWN" }]);
      }
      const permission = readPermission(collection);
      if (grantedScope(principal, permission) === undefined) return reject("PERMISSION_DENIED", { permission });
      const [form, fields, known] = await Promise.all([
        forms.get(tenant, formIdOf(tenant, collection), { kind: "all" }),
        fieldsOf(customFields, tenant, collection),
        vocabulariesOf(vocabularies, tenant),
      ]);
      return resolveForm(
        { holder, form: form && shown(form), customFields: fields, vocabularies: known },
        { principal, locale, status },
      );
    },
  };
};
