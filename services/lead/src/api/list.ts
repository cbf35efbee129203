import { defineListing } from "@keynode/query/listing";

/** What leads may be filtered and sorted by, and the indexes that serve it. */
export const leadListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    status: {
      path: "state.status",
      type: "enum",
      values: ["NEW", "WORKING", "QUALIFIED", "DISQUALIFIED", "CONVERTED"],
    },
    stage: { path: "state.stage", type: "enum", values: ["POTENTIAL", "INTENT"], residual: true },
    source: { path: "state.source", type: "string" },
    sourceKey: { path: "state.sourceKey", type: "string", residual: true },
    "qualification.reasonKey": { path: "state.qualification.reasonKey", type: "string", residual: true },
    email: { path: "state.email", type: "string" },
    phone: { path: "state.phone", type: "string" },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["status", "-createTime"],
    ["ownerId", "status", "-createTime"],
    ["source", "-createTime"],
    ["email", "-createTime"],
    ["phone", "-createTime"],
    ["-updateTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
  customFields: true,
});
