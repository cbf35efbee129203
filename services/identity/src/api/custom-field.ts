import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { CustomFieldServiceService } from "@keynode/contracts/crm/identity/v1/custom_field_service";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import { dryRunnable } from "@keynode/grpc/dry-run";
import type { Handlers } from "@keynode/grpc/implement";
import { identityErrors } from "../domain/errors.ts";
import { inTurns, type Turns } from "@keynode/runtime/turns";
import type { Stores } from "../stores.ts";
import type { RecordValues } from "../record-values.ts";
import type { Contexts } from "./contexts.ts";
import { customFieldListing } from "./custom-field-list.ts";

/** How often a field is made or brought back again whose order another took at the same moment: there are eight. */
const attempts = 8;

/** One entry per rpc of CustomFieldService. */
export const customFieldApi = (
  { customFields }: Pick<Stores, "customFields">,
  { customField: context }: Contexts,
  values: RecordValues,
  turns: Turns,
): Handlers<typeof CustomFieldServiceService> => {
  const {
    createCustomField,
    getCustomField,
    listCustomFields,
    updateCustomField,
    deleteCustomField,
    undeleteCustomField,
  } = standardRpcs(customFields, {
    name: "CustomField",
    field: "customField",
    rows: "customFields",
    typeName: "crm.identity.v1.CustomField",
    fromPartial: CustomField.fromPartial,
    listing: customFieldListing,
    errors: identityErrors,
    context,
  });
  return {
    createCustomField: inTurns(turns, contended(createCustomField)),
    getCustomField: async (request, call) => {
      const field = await getCustomField(request, call);
      return isDomainError(field) ? field : await values.withProgress(field, call);
    },
    listCustomFields,
    updateCustomField,
    deleteCustomField: examined(values, deleteCustomField),
    undeleteCustomField: inTurns(turns, contended(undeleteCustomField)),
    changeCustomFieldKind: examined(values, command(customFields, "ChangeCustomFieldKind", context)),
    retireCustomField: command(customFields, "RetireCustomField", context),
    unretireCustomField: command(customFields, "UnretireCustomField", context),
  };
};

/** Tells a caller who only wants to know what the change would do to records. */
const examined = <Request>(
  { withImpact }: RecordValues,
  handle: Handler<Request, CustomField>,
): Handler<Request, CustomField> =>
  dryRunnable(async (request, call) => {
    const outcome = await handle(request, call);
    return isDomainError(outcome) || !call.validateOnly ? outcome : await withImpact(outcome, call);
  });

const contended = <Request, Response>(handle: Handler<Request, Response>): Handler<Request, Response> =>
  dryRunnable(async (request, call) => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await handle(request, call);
      if (!isDomainError(outcome) || outcome.reason !== "CONFLICT" || attempt === attempts) return outcome;
    }
  });
