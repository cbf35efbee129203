import { newId } from "@keynode/aggregate/type-id";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountCreated, AccountDeleted } from "@keynode/contracts/crm/account/v1/account_events";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { OpportunityLost, OpportunityOpened } from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import type { Recorded } from "@keynode/messaging/recorded";
import type { ServiceUnderTest } from "@keynode/runtime/testing";

/** Other services' events as this service meets them. */
export const foreign = (under: ServiceUnderTest) => ({
  accountCreated: (recordId = newId("account")): Recorded =>
    under.event({
      context: "account",
      type: "AccountCreated",
      codec: AccountCreated,
      recordId,
      message: { account: Account.fromPartial({ id: recordId }) },
    }),
  accountDeleted: (recordId: string): Recorded =>
    under.event({
      context: "account",
      type: "AccountDeleted",
      codec: AccountDeleted,
      recordId,
      version: 2,
      message: { deleteTime: new Date() },
    }),
  opportunityOpened: (recordId = newId("opportunity")): Recorded =>
    under.event({
      context: "opportunity",
      type: "OpportunityOpened",
      codec: OpportunityOpened,
      recordId,
      message: { snapshot: Opportunity.fromPartial({ status: "OPEN" }) },
    }),
  opportunityLost: (recordId: string): Recorded =>
    under.event({
      context: "opportunity",
      type: "OpportunityLost",
      codec: OpportunityLost,
      recordId,
      version: 2,
      message: OpportunityLost.fromPartial({ snapshot: { status: "LOST" } }),
    }),
});
