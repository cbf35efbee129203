import type { ContextFor } from "@keynode/aggregate/store";
import { maySee } from "@keynode/auth/visibility";
import { withContactPoints } from "@keynode/api/contact-point";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Contact } from "@keynode/contracts/crm/account/v1/contact";
import type { ContactServiceService } from "@keynode/contracts/crm/account/v1/contact_service";
import { reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import type { AccountStore } from "../account.ts";
import type { ContactCommand, ContactStore } from "../contact.ts";
import type { ContactContext, ContactState } from "../domain/contact/rules.ts";
import { accountErrors } from "../domain/errors.ts";
import { contactListing } from "./list.ts";

/** One entry per rpc of ContactService. */
export const contactApi = (
  contacts: ContactStore,
  accounts: AccountStore,
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
    parentOf: async ({ accountId }, { tenant, visibility }) => {
      const account = (await accounts.get(tenant, accountId, { kind: "all" }))?.state;
      if (account === undefined || maySee(visibility, account)) return account;
      const reason = "ACCOUNT_NOT_FOUND";
      return reject(reason, {}, [{ field: "contact.account_id", reason }]);
    },
    normalise: (contact) => withContactPoints(contact, "contact.phone"),
  });
