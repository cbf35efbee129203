import { LeadInquiryRecorded } from "@keynode/contracts/crm/lead/v1/lead_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { type KeyNodeStores, recordKeyNode } from "./record-key-node.ts";

/** C-029. A lead's first question is a key node with a response due. */
export const onInquiry = (stores: KeyNodeStores, tools: ServiceTools): Reactor => ({
  name: "on-inquiry",
  from: { lead: ["LeadInquiryRecorded"] },
  handle: async (event) => {
    const { first, inquiry, snapshot } = LeadInquiryRecorded.decode(event.data);
    if (!first) return;
    await recordKeyNode(stores, tools, event, {
      naturalKey: ["first-inquiry", event.recordId],
      keyNode: {
        ownerId: snapshot?.ownerId ?? "",
        teamId: snapshot?.teamId ?? "",
        leadId: event.recordId,
        nodeType: "FIRST_INQUIRY",
        occurTime: inquiry?.inquireTime ?? event.at,
        detail: inquiry?.product ?? "",
      },
    });
  },
});
