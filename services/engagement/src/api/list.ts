import { defineListing } from "@keynode/query/listing";

/** What tasks may be filtered and sorted by, and the indexes that serve it. */
export const taskListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    accountId: { path: "state.accountId", type: "string" },
    leadId: { path: "state.leadId", type: "string" },
    opportunityId: { path: "state.opportunityId", type: "string" },
    contractId: { path: "state.contractId", type: "string", residual: true },
    caseId: { path: "state.caseId", type: "string" },
    kind: {
      path: "state.kind",
      type: "enum",
      values: ["CARE", "FOLLOW_UP", "RETURN_VISIT", "SALES", "OTHER"],
      residual: true,
    },
    status: { path: "state.status", type: "enum", values: ["OPEN", "DONE", "CANCELLED"], residual: true },
    overdue: { path: "state.overdue", type: "bool", residual: true },
    dueTime: { path: "state.dueTime", type: "time" },
    createTime: { path: "state.createTime", type: "time", residual: true },
  },
  indexes: [
    ["ownerId", "status", "dueTime"],
    ["status", "dueTime"],
    ["accountId", "dueTime"],
    ["leadId", "dueTime"],
    ["opportunityId", "dueTime"],
    ["caseId", "dueTime"],
  ],
  defaultOrder: "dueTime",
  customFields: true,
});

/** What behaviours may be filtered and sorted by. */
export const behaviourListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    visitorId: { path: "state.visitorId", type: "string" },
    leadId: { path: "state.leadId", type: "string" },
    accountId: { path: "state.accountId", type: "string" },
    type: {
      path: "state.type",
      type: "enum",
      values: ["SITE_VISIT", "PAGE_VIEW", "DOWNLOAD", "FORM_SUBMISSION", "MAIL_OPEN", "MAIL_CLICK"],
      residual: true,
    },
    formName: { path: "state.formName", type: "string", residual: true },
    occurTime: { path: "state.occurTime", type: "time" },
  },
  indexes: [
    ["type", "-occurTime"],
    ["leadId", "-occurTime"],
    ["accountId", "-occurTime"],
    ["visitorId", "-occurTime"],
  ],
  defaultOrder: "-occurTime",
});
