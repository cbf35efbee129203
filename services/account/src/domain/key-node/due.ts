import type { KeyNode } from "@keynode/contracts/crm/account/v1/key_node";

const hour = 3_600_000;

/** How long after a moment its response is due, by kind; the catalogue's defaults (C-002, section 2), in milliseconds. */
const responseMs: Readonly<Record<KeyNode["nodeType"], number>> = {
  NODE_TYPE_UNSPECIFIED: 24 * hour,
  FIRST_INQUIRY: 24 * hour,
  DEMO: 24 * hour,
  TRIAL: 7 * 24 * hour,
  PURCHASE: 3 * 24 * hour,
  COMPLAINT: 24 * hour,
  RENEWAL: 30 * 24 * hour,
  OTHER: 24 * hour,
  UNRECOGNIZED: 24 * hour,
};

export const responseDue = (nodeType: KeyNode["nodeType"], occurTime: Date): Date =>
  new Date(occurTime.getTime() + responseMs[nodeType]);
