import { defineListing } from "@keynode/query/listing";

/** What users may be filtered and sorted by, and the indexes that serve it. */
export const userListing = defineListing({
  fields: {
    teamId: { path: "state.teamId", type: "string" },
    active: { path: "state.active", type: "bool" },
    email: { path: "state.email", type: "string" },
    externalKey: { path: "state.externalKey", type: "string" },
    managerId: { path: "state.managerId", type: "string" },
    roleIds: { path: "state.roleIds", type: "string", repeated: true },
    teamIds: { path: "state.teamIds", type: "string", repeated: true },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["-createTime"],
    ["teamId", "-createTime"],
    ["active", "-createTime"],
    ["email", "-createTime"],
    ["externalKey", "-createTime"],
    ["managerId", "-createTime"],
    ["roleIds", "-createTime"],
    ["teamIds", "-createTime"],
    ["-updateTime"],
    ["active", "name"],
    ["name"],
  ],
  defaultOrder: "-createTime",
});
