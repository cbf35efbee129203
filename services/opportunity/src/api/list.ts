import { defineListing } from "@keynode/query/listing";

/** What deals may be filtered and sorted by, and the indexes that serve it. */
export const opportunityListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    accountId: { path: "state.accountId", type: "string" },
    contactId: { path: "state.contactId", type: "string", residual: true },
    leadId: { path: "state.leadId", type: "string", residual: true },
    contractId: { path: "state.contractId", type: "string", residual: true },
    pipelineId: { path: "state.pipelineId", type: "string", residual: true },
    stageKey: { path: "state.stageKey", type: "string", residual: true },
    status: { path: "state.status", type: "enum", values: ["OPEN", "WON", "LOST"], residual: true },
    "close.reasonKey": { path: "state.close.reasonKey", type: "string", residual: true },
    imported: { path: "state.imported", type: "bool", residual: true },
    productIds: { path: "state.productIds", type: "string", repeated: true, residual: true },
    externalKey: { path: "state.externalKey", type: "string", prefixable: true },
    expectedCloseDate: { path: "state.expectedCloseOn", type: "date", optional: true },
    closeDate: { path: "state.closeOn", type: "date", optional: true },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["accountId", "-createTime"],
    ["status", "-createTime"],
    ["status", "stageKey", "-createTime"],
    ["ownerId", "status", "-createTime"],
    ["externalKey", "-createTime"],
    ["status", "expectedCloseDate"],
    ["status", "-closeDate"],
    ["-updateTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
  customFields: true,
});

/** What pipelines may be filtered and sorted by; a tenant has few of them. */
export const pipelineListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string", residual: true },
    teamId: { path: "state.teamId", type: "string", residual: true },
    default: { path: "state.default", type: "bool" },
    name: { path: "state.name", type: "string", residual: true },
    createTime: { path: "state.createTime", type: "time" },
  },
  indexes: [["default", "-createTime"]],
  defaultOrder: "-createTime",
});
