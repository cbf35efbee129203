import { defineListing } from "@keynode/query/listing";

/** What roles may be filtered and sorted by, and the indexes that serve it. */
export const roleListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    builtIn: { path: "state.builtIn", type: "bool" },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["-createTime"],
    ["ownerId", "-createTime"],
    ["teamId", "-createTime"],
    ["builtIn", "-createTime"],
    ["-updateTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
});
