import { defineListing } from "@keynode/query/listing";

/** What cases may be filtered and sorted by, and the indexes that serve it. */
export const caseListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    number: { path: "state.number", type: "string" },
    accountId: { path: "state.accountId", type: "string" },
    contactId: { path: "state.contactId", type: "string", residual: true },
    productId: { path: "state.productId", type: "string", residual: true },
    assigneeId: { path: "state.assigneeId", type: "string" },
    kind: {
      path: "state.kind",
      type: "enum",
      values: ["SERVICE_REQUEST", "COMPLAINT", "QUESTION"],
      residual: true,
    },
    channel: {
      path: "state.channel",
      type: "enum",
      values: ["PHONE", "EMAIL", "CHAT", "SOCIAL", "WEB"],
      residual: true,
    },
    urgency: {
      path: "state.urgency",
      type: "enum",
      values: ["LOW", "NORMAL", "HIGH", "URGENT"],
      residual: true,
    },
    status: {
      path: "state.status",
      type: "enum",
      values: ["OPEN", "ASSIGNED", "SOLVED", "CONFIRMED", "REOPENED", "CLOSED"],
      residual: true,
    },
    coverStatus: {
      path: "state.coverStatus",
      type: "enum",
      values: ["IN_COVER", "OUT_OF_COVER"],
      residual: true,
    },
    categoryKey: { path: "state.categoryKey", type: "string", residual: true },
    receiveTime: { path: "state.receiveTime", type: "time", residual: true },
    createTime: { path: "state.createTime", type: "time" },
  },
  indexes: [
    ["accountId", "-createTime"],
    ["assigneeId", "status", "-createTime"],
    ["status", "-createTime"],
    ["number", "-createTime"],
  ],
  defaultOrder: "-createTime",
  customFields: true,
});

/** What covers may be filtered and sorted by. They are rows of a copy, whose fields lie at the top. */
export const coverListing = defineListing({
  fields: {
    ownerId: { path: "ownerId", type: "string" },
    teamId: { path: "teamId", type: "string" },
    accountId: { path: "accountId", type: "string" },
    contractId: { path: "contractId", type: "string" },
    contractNumber: { path: "contractNumber", type: "string", residual: true },
    fromDate: { path: "fromOn", type: "date", residual: true },
    untilDate: { path: "untilOn", type: "date" },
    createTime: { path: "createTime", type: "time" },
  },
  indexes: [["accountId", "-createTime"], ["contractId", "-createTime"], ["untilDate"]],
  defaultOrder: "-createTime",
  owner: "ownerId",
  team: "teamId",
  deleted: "deleted",
});
