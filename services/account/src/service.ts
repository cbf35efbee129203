import { onWake } from "@keynode/api/alarm";
import { AccountServiceService } from "@keynode/contracts/crm/account/v1/account_service";
import { ContactServiceService } from "@keynode/contracts/crm/account/v1/contact_service";
import { KeyNodeServiceService } from "@keynode/contracts/crm/account/v1/key_node_service";
import { TimelineServiceService } from "@keynode/contracts/crm/account/v1/timeline_service";
import { implement } from "@keynode/grpc/implement";
import { readableBy } from "@keynode/runtime/access/readable-records";
import { customers } from "@keynode/runtime/copies/customers";
import { customersChildren } from "@keynode/runtime/customers-children";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { openTurns } from "@keynode/runtime/turns";
import { accountAggregate } from "./account.ts";
import { accountApi } from "./api/account.ts";
import { contactApi } from "./api/contact.ts";
import * as contexts from "./api/context.ts";
import { keyNodeApi } from "./api/key-node.ts";
import { timelineApi } from "./api/timeline.ts";
import { contactAggregate } from "./contact.ts";
import { accountErrors } from "./domain/errors.ts";
import { keyNodeAggregate } from "./key-node.ts";
import { purchases } from "./projections/purchases.ts";
import { timeline } from "./projections/timeline.ts";
import { onAccountReassigned } from "./reactors/on-account-reassigned.ts";
import { onComplaint } from "./reactors/on-complaint.ts";
import { onConversion } from "./reactors/on-conversion.ts";
import { onInquiry } from "./reactors/on-inquiry.ts";
import { onPurchase } from "./reactors/on-purchase.ts";

/** Composition root: the only wiring. */
export const accountService: ServiceDefinition = {
  name: "account",
  errors: accountErrors,
  build: (tools) => {
    const accounts = tools.store(accountAggregate);
    const contacts = tools.store(contactAggregate);
    const keyNodes = tools.store(keyNodeAggregate);
    const purchaseCopy = tools.projection(purchases);
    const timelineCopy = tools.projection(timeline);
    const accountContext = contexts.accountContext(accounts, purchaseCopy);
    const keyNodeContext = contexts.keyNodeContext(accounts, timelineCopy);
    const followed = customersChildren(
      keyNodes,
      "KeyNode",
      keyNodeContext,
      {
        copy: tools.projection(customers),
        look: async (tenant, id) => (await accounts.get(tenant, id, { kind: "all" }))?.state,
      },
      tools,
    );
    const stores = { accounts, contacts, keyNodes, followed };
    return {
      implementations: [
        implement(
          AccountServiceService,
          accountApi(accounts, accountContext, openTurns(tools.db, "account", tools.now)),
        ),
        implement(ContactServiceService, contactApi(contacts, accounts, contexts.contactContext(accounts))),
        implement(KeyNodeServiceService, keyNodeApi(keyNodes, followed, keyNodeContext)),
        implement(
          TimelineServiceService,
          timelineApi({ accounts, copy: timelineCopy, readable: readableBy(tools.peers), now: tools.now }),
        ),
      ],
      reactors: [
        onConversion({ ...stores, accountContext }, tools),
        onInquiry(stores, tools),
        onPurchase(stores, purchaseCopy, accountContext, tools),
        onComplaint(stores, tools),
        onAccountReassigned(stores, tools),
        followed.reactor,
      ],
      alarms: [onWake(keyNodes, { type: "NoticeLate" }, keyNodeContext)],
    };
  },
};
