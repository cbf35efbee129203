import { derivedId } from "@keynode/aggregate/type-id";
import { reactionScope, settled } from "@keynode/api/reaction";
import { Behaviour } from "@keynode/contracts/crm/engagement/v1/behaviour";
import { LeadFormSubmitted } from "@keynode/contracts/crm/lead/v1/lead_events";
import type { CustomersChildren } from "@keynode/runtime/customers-children";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { behaviourContext } from "../api/context.ts";
import type { BehaviourStore } from "../behaviour.ts";
import type { ConversionCopy } from "../projections/conversions.ts";
import { attribute } from "./attribute.ts";

/** C-025, C-035. A submitted form is a behaviour, and tells whose the visitor's earlier ones were. */
export const onForm = (
  behaviours: BehaviourStore,
  conversions: ConversionCopy,
  followed: CustomersChildren,
  tools: ServiceTools,
): Reactor => ({
  name: "on-form",
  from: { lead: ["LeadFormSubmitted"] },
  handle: async (event) => {
    const { form, snapshot } = LeadFormSubmitted.decode(event.data);
    const { tenant, recordId: leadId } = event;
    // The lead may have been handed over since the form was sent.
    const { ownerId = "", teamId = "" } =
      (await followed.belonging(tenant, { accountId: "", leadId })) ?? snapshot ?? {};
    const behaviour = Behaviour.fromPartial({
      ownerId,
      teamId,
      visitorId: form?.visitorId ?? "",
      leadId,
      type: "FORM_SUBMISSION",
      occurTime: form?.submitTime ?? event.at,
      pageUrl: form?.pageUrl ?? "",
      formName: form?.formName ?? "",
      source: "website",
      originEventId: event.id,
    });
    const id = derivedId("behaviour", tenant, "form", event.id);
    const scope = reactionScope(tools.name, event, tools.now());
    settled(
      await behaviours.create({ type: "CreateBehaviour", behaviour }, scope, behaviourContext, id),
      event,
      tools.log,
    );
    await followed.settle(id, behaviour, ownerId, event);
    if (behaviour.visitorId !== "") {
      const earlier = { "state.visitorId": behaviour.visitorId, "state.leadId": "" };
      await attribute(behaviours, tools, event, earlier, { leadId, accountId: "" }, followed);
    }
    // Only now: the reaction to a conversion that our copy does not know of yet finds all that is the lead's.
    const accountId = (await conversions.tables().conversions.findOne({ _id: leadId, tenant }))?.accountId ?? "";
    if (accountId === "") return;
    const unclaimed = { "state.leadId": leadId, "state.accountId": "" };
    await attribute(behaviours, tools, event, unclaimed, { leadId, accountId }, followed);
  },
});
