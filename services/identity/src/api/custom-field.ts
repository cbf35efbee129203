import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { CustomFieldServiceService } from "@keynode/contracts/crm/identity/v1/custom_field_service";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import { identityErrors } from "../domain/errors.ts";
import type { Stores } from "../stores.ts";
import type { Contexts } from "./contexts.ts";
import { customFieldListing } from "./custom-field-list.ts";

/** How often a field is made or brought back again whose order another took at the same moment: there are eight. */
const attempts = 8;

/** One entry per rpc of CustomFieldService. */
export const customFieldApi = (
  { customFields }: Pick<Stores, "customFields">,
  { customField: context }: Contexts,
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
    createCustomField: contended(createCustomField),
    getCustomField,
    listCustomFields,
    updateCustomField,
    deleteCustomField,
    undeleteCustomField: contended(undeleteCustomField),
    changeCustomFieldKind: command(customFields, "ChangeCustomFieldKind", context),
    retireCustomField: command(customFields, "RetireCustomField", context),
    unretireCustomField: command(customFields, "UnretireCustomField", context),
  };
};

const contended =
  <Request, Response>(handle: Handler<Request, Response>): Handler<Request, Response> =>
  async (request, call) => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await handle(request, call);
      if (!isDomainError(outcome) || outcome.reason !== "CONFLICT" || attempt === attempts) return outcome;
    }
  };
