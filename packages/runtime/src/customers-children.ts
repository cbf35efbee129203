import type { Resource } from "@keynode/aggregate/aggregate";
import type { ContextFor, Store } from "@keynode/aggregate/store";
import { awaitCopy } from "@keynode/api/own-copy";
import type { Belonging } from "@keynode/api/owner";
import { NotYet, reactionScope, settled } from "@keynode/api/reaction";
import { AccountReassigned } from "@keynode/contracts/crm/account/v1/account_events";
import { LeadReassigned } from "@keynode/contracts/crm/lead/v1/lead_events";
import type { Reassign } from "@keynode/decider/crud";
import type { Typed } from "@keynode/decider/decider";
import type { Recorded } from "@keynode/messaging/recorded";
import { eachChild } from "./children.ts";
import type { CustomerCopy } from "./copies/customers.ts";
import type { Reactor, ServiceTools } from "./service-definition.ts";

/** Names the account that a record is of, or while there is none yet the lead; empty where there is neither. */
export type OfCustomer = { readonly accountId: string; readonly leadId: string };

/** Where it is known whose customers are. */
export type Customers = {
  readonly copy: CustomerCopy;
  /** Looks up customers that the service itself keeps, where nothing is newer. */
  readonly look?: (tenant: string, id: string) => Promise<Belonging | undefined>;
};

/** Records of accounts and leads go with them. */
export type CustomersChildren = {
  /** Whose the customer of a record is as far as we know; undefined where the record has none, or it was not heard of yet. */
  belonging(tenant: string, of: OfCustomer): Promise<Belonging | undefined>;
  /**
   * Gives a record to whom its customer belongs, if it is still whose it was made or known to be: after a record was made, and
   * after it got another customer. Whoever moves the customer from here on finds the record.
   */
  settle(id: string, of: OfCustomer, formerOwnerId: string, event: Recorded): Promise<void>;
  readonly reactor: Reactor;
};

/**
 * What a service does so that one kind of its records is its customers' (`ownership: PARENT`). When a customer is handed over,
 * the records that its former owner had go to whom it belongs now, by what is as new as the event at least: so handovers
 * may be heard of twice and in any order, and a record that was given to somebody else stays with them.
 */
export const customersChildren = <
  State extends Resource & OfCustomer,
  Command extends Typed,
  Event extends Typed,
  Context,
  const Name extends string,
>(
  store: Store<State, Command, Event, Context>,
  name: Name,
  context: ContextFor<State, Context, Command>,
  { copy, look = async () => undefined }: Customers,
  { name: service, now, log }: Pick<ServiceTools, "name" | "now" | "log">,
): CustomersChildren => {
  const reassign = async (id: string, to: Belonging, event: Recorded): Promise<void> => {
    const command = { type: `Reassign${name}`, ...to } satisfies Typed & Reassign;
    const scope = { ...reactionScope(service, event, now()), includesDeleted: true };
    // Each resource that can be handed over has this command.
    settled(await store.execute(id, command as never, scope, context), event, log);
  };

  const belonging: CustomersChildren["belonging"] = async (tenant, { accountId, leadId }) => {
    const id = accountId || leadId;
    if (id === "") return undefined;
    const known = (await look(tenant, id)) ?? (await copy.tables().customers.findOne({ _id: id, tenant }));
    return known ? { ownerId: known.ownerId, teamId: known.teamId } : undefined;
  };

  return {
    belonging,
    settle: async (id, customer, formerOwnerId, event) => {
      const to = await belonging(event.tenant, customer);
      if (to === undefined) return;
      const record = await store.get(event.tenant, id, { kind: "all" });
      if (record?.state.ownerId === formerOwnerId) await reassign(id, to, event);
    },
    reactor: {
      name: `on-customer-reassigned-${store.aggregate.name}`,
      from: { account: ["AccountReassigned"], lead: ["LeadReassigned"] },
      handle: async (event) => {
        const { tenant, recordId, version } = event;
        const isAccount = event.type === "AccountReassigned";
        const { fromOwnerId } = (isAccount ? AccountReassigned : LeadReassigned).decode(event.data);
        const heard = () => copy.tables().customers.findOne({ _id: recordId, tenant, version: { $gte: version } });
        if ((await awaitCopy(heard)) === undefined) {
          throw new NotYet(`the handover of ${recordId} is not in the copy`);
        }
        const to = await belonging(tenant, { accountId: recordId, leadId: "" });
        if (to === undefined) return;
        const ofCustomer = isAccount
          ? { "state.accountId": recordId }
          : { "state.leadId": recordId, "state.accountId": "" };
        const ofFormer = { ...ofCustomer, "state.ownerId": fromOwnerId };
        await eachChild(store.collection, tenant, ofFormer, (id) => reassign(id, to, event));
      },
    },
  };
};
