import { defineListing } from "@keynode/query/listing";

/** What teams may be filtered and sorted by, and the indexes that serve it. */
export const teamListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    parentTeamId: { path: "state.parentTeamId", type: "string" },
    region: { path: "state.region", type: "string" },
    externalKey: { path: "state.externalKey", type: "string" },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["-createTime"],
    ["ownerId", "-createTime"],
    ["parentTeamId", "-createTime"],
    ["region", "-createTime"],
    ["externalKey", "-createTime"],
    ["-updateTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
});
