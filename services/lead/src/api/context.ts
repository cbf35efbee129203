import type { Attempt } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { LeadContext } from "../domain/lead/context.ts";

/** What a decision about a lead may know: the time, the actor, and the ids a conversion would use. */
export const leadContext = ({ id, tenant, actor, now }: Attempt): LeadContext => ({
  now,
  actor,
  // Few commands ask.
  get conversionIds() {
    return {
      accountId: derivedId("account", tenant, id),
      contactId: derivedId("contact", tenant, id),
      opportunityId: derivedId("opportunity", tenant, id),
    };
  },
});
