import type { Belonging } from "@keynode/api/owner";
import { AccountCreated, AccountReassigned } from "@keynode/contracts/crm/account/v1/account_events";
import { LeadCaptured, LeadReassigned } from "@keynode/contracts/crm/lead/v1/lead_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Copy } from "../service-definition.ts";

/** Whose an account or a lead is. `_id` is the customer's. */
export type CustomerRow = { ownerId: string; teamId: string };

export type CustomerCopy = Copy<{ customers: CustomerRow }>;

/** A service's copy of whose the accounts and leads are, for services whose records are theirs (`ownership: PARENT`). */
export const customers = defineProjection<{ customers: CustomerRow }>({
  name: "customers",
  from: { account: ["AccountCreated", "AccountReassigned"], lead: ["LeadCaptured", "LeadReassigned"] },
  tables: { customers: {} },
  apply: async (event, tables) => {
    const { ownerId = "", teamId = "" } = belongingIn(event) ?? {};
    await tables.customers.keep(
      { id: event.recordId, tenant: event.tenant, version: event.version },
      { ownerId, teamId },
    );
  },
});

const belongingIn = ({ type, data }: Recorded): Belonging | undefined => {
  switch (type) {
    case "AccountCreated":
      return AccountCreated.decode(data).account;
    case "AccountReassigned":
      return AccountReassigned.decode(data);
    case "LeadCaptured":
      return LeadCaptured.decode(data).lead;
    default:
      return LeadReassigned.decode(data);
  }
};
