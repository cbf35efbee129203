import type { ContextFor } from "@keynode/aggregate/store";
import { withContactPoints } from "@keynode/api/contact-point";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Contact } from "@keynode/contracts/crm/account/v1/contact";
import type { ContactServiceService } from "@keynode/contracts/crm/account/v1/contact_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { ContactCommand, ContactStore } from "../contact.ts";
import type { ContactContext, ContactState } from "../domain/contact/rules.ts";
import { accountErrors } from "../domain/errors.ts";
import { contactListing } from "./list.ts";

/** One entry per rpc of ContactService. */
export const contactApi = (
  contacts: ContactStore,
  context: ContextFor<ContactState, ContactContext, ContactCommand>,
): Handlers<typeof ContactServiceService> =>
  standardRpcs(contacts, {
    name: "Contact",
    field: "contact",
    rows: "contacts",
    typeName: "crm.account.v1.Contact",
    fromPartial: Contact.fromPartial,
    listing: contactListing,
    errors: accountErrors,
    context,
    normalise: (contact) => withContactPoints(contact, "contact.phone"),
  });
