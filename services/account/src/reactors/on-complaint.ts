import { CaseOpened } from "@keynode/contracts/crm/service/v1/case_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { type KeyNodeStores, recordKeyNode } from "./record-key-node.ts";

/** C-002. A complaint is a key node with a reply due. */
export const onComplaint = (stores: KeyNodeStores, tools: ServiceTools): Reactor => ({
  name: "on-complaint",
  from: { service: ["CaseOpened"] },
  handle: async (event) => {
    const opened = CaseOpened.decode(event.data).case;
    if (opened?.kind !== "COMPLAINT" || opened.accountId === "") return;
    const { ownerId, teamId, accountId, receiveTime, number } = opened;
    await recordKeyNode(stores, tools, event, {
      naturalKey: ["complaint", event.recordId],
      keyNode: {
        ownerId,
        teamId,
        accountId,
        nodeType: "COMPLAINT",
        occurTime: receiveTime ?? event.at,
        detail: number,
      },
    });
  },
});
