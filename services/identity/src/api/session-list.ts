import { defineListing } from "@keynode/query/listing";

/** What sessions may be filtered and sorted by, and the indexes that serve it. */
export const sessionListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    active: { path: "state.active", type: "bool", residual: true },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
  },
  indexes: [
    ["-createTime"],
    ["ownerId", "-createTime"],
    ["teamId", "-createTime"],
    ["active", "-createTime"],
    ["ownerId", "active", "-createTime"],
    ["-updateTime"],
  ],
  defaultOrder: "-createTime",
});
