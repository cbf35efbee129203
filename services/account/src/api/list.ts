import { defineListing } from "@keynode/query/listing";

const kept = {
  ownerId: { path: "state.ownerId", type: "string" },
  teamId: { path: "state.teamId", type: "string" },
  createTime: { path: "state.createTime", type: "time" },
  updateTime: { path: "state.updateTime", type: "time" },
} as const;

/** What accounts may be filtered and sorted by, and the indexes that serve it. */
export const accountListing = defineListing({
  fields: {
    ...kept,
    kind: { path: "state.kind", type: "enum", values: ["COMPANY", "PERSON"], residual: true },
    stage: { path: "state.stage", type: "enum", values: ["POTENTIAL", "INTENT", "CLOSED_WON"] },
    sector: { path: "state.sector", type: "string", residual: true },
    email: { path: "state.email", type: "string" },
    phone: { path: "state.phone", type: "string" },
    parentAccountId: { path: "state.parentAccountId", type: "string" },
    externalKey: { path: "state.externalKey", type: "string" },
    "origin.kind": { path: "state.origin.kind", type: "string" },
    "origin.detail": { path: "state.origin.detail", type: "string" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["stage", "-createTime"],
    ["email", "-createTime"],
    ["phone", "-createTime"],
    ["parentAccountId", "-createTime"],
    ["externalKey", "-createTime"],
    ["origin.kind", "origin.detail", "-createTime"],
    ["-updateTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
  customFields: true,
});

/** What contacts may be filtered and sorted by. */
export const contactListing = defineListing({
  fields: {
    ...kept,
    accountId: { path: "state.accountId", type: "string" },
    leadId: { path: "state.leadId", type: "string" },
    email: { path: "state.email", type: "string" },
    phone: { path: "state.phone", type: "string" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["accountId", "-createTime"],
    ["leadId", "-createTime"],
    ["email", "-createTime"],
    ["phone", "-createTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
  customFields: true,
});

/** What key nodes may be filtered and sorted by. */
export const keyNodeListing = defineListing({
  fields: {
    ...kept,
    accountId: { path: "state.accountId", type: "string" },
    leadId: { path: "state.leadId", type: "string" },
    nodeType: {
      path: "state.nodeType",
      type: "enum",
      values: ["FIRST_INQUIRY", "DEMO", "TRIAL", "PURCHASE", "COMPLAINT", "RENEWAL", "OTHER"],
      residual: true,
    },
    kindKey: { path: "state.kindKey", type: "string", residual: true },
    status: { path: "state.status", type: "enum", values: ["OPEN", "LATE", "DONE", "WAIVED"], residual: true },
    occurTime: { path: "state.occurTime", type: "time" },
    responseDueTime: { path: "state.responseDueTime", type: "time" },
  },
  indexes: [
    ["accountId", "-occurTime"],
    ["leadId", "-occurTime"],
    ["ownerId", "status", "responseDueTime"],
    ["status", "responseDueTime"],
  ],
  defaultOrder: "-occurTime",
  customFields: true,
});

/** What a customer's timeline may be filtered by. */
export const timelineListing = defineListing({
  fields: {
    accountId: { path: "accountId", type: "string" },
    context: { path: "context", type: "string" },
    eventType: { path: "eventType", type: "string" },
    time: { path: "time", type: "time" },
  },
  indexes: [
    ["accountId", "-time"],
    ["accountId", "context", "-time"],
    ["accountId", "eventType", "-time"],
  ],
  defaultOrder: "-time",
  // A timeline is read as its account's own, once the caller was found to see the account.
  owner: "accountId",
  team: "accountId",
  deleted: "deleted",
});
