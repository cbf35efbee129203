import type { Contact } from "@keynode/contracts/crm/account/v1/contact";
import { crudDecider } from "@keynode/decider/crud";
import { reject } from "@keynode/decider/domain-error";

export type ContactState = Contact & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
};

/** All that a decision about a contact may know besides its arguments. */
export type ContactContext = {
  readonly now: Date;
  /** Whether the account that a command names exists. */
  readonly accountExists: boolean;
};

/** A contact has one rule of its own: it belongs to an account of the tenant. Errors: ACCOUNT_NOT_FOUND. */
export const contactDecider = crudDecider<"Contact", "contact", ContactState, ContactContext>(
  "Contact",
  "contact",
  (_after, { accountExists }) =>
    accountExists
      ? undefined
      : reject("ACCOUNT_NOT_FOUND", {}, [{ field: "contact.account_id", reason: "ACCOUNT_NOT_FOUND" }]),
);
