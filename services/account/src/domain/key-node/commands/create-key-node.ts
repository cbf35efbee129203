import { reject } from "@keynode/decider/domain-error";
import { responseDue } from "../due.ts";
import type { KeyNodeCommand, KeyNodeContext, KeyNodeEvent } from "../state.ts";

/** C-002. Errors: KEY_NODE_WITHOUT_CUSTOMER, KEY_NODE_WITHOUT_KIND, ACCOUNT_NOT_FOUND, LEAD_NOT_FOUND, PROJECTION_LAGGING. */
export const createKeyNode = (
  { keyNode }: Extract<KeyNodeCommand, { type: "CreateKeyNode" }>,
  _state: unknown,
  { now, accountExists, lead }: KeyNodeContext,
): readonly KeyNodeEvent[] | ReturnType<typeof reject> => {
  if (keyNode === undefined) return [];
  const { accountId, leadId, nodeType, kindKey = "" } = keyNode;
  if (accountId === "" && leadId === "") return reject("KEY_NODE_WITHOUT_CUSTOMER");
  const field = (name: string, reason: string) => [{ field: `key_node.${name}`, reason }];
  if (nodeType === "OTHER" && kindKey === "") {
    return reject("KEY_NODE_WITHOUT_KIND", {}, field("kind_key", "KEY_NODE_WITHOUT_KIND"));
  }
  if (accountId !== "" && !accountExists) {
    return reject("ACCOUNT_NOT_FOUND", {}, field("account_id", "ACCOUNT_NOT_FOUND"));
  }
  if (leadId !== "" && lead === "UNSURE") return reject("PROJECTION_LAGGING");
  if (leadId !== "" && lead === "MISSING") return reject("LEAD_NOT_FOUND", {}, field("lead_id", "LEAD_NOT_FOUND"));
  const occurTime = keyNode.occurTime ?? now;
  const responseDueTime = keyNode.responseDueTime ?? responseDue(nodeType, occurTime);
  return [{ type: "KeyNodeRecorded", keyNode: { ...keyNode, occurTime, responseDueTime } }];
};
