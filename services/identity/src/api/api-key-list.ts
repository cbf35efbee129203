import { defineListing } from "@keynode/query/listing";

/** What API keys may be filtered and sorted by, and the indexes that serve it. */
export const apiKeyListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    roleIds: { path: "state.roleIds", type: "string", repeated: true },
    prefix: { path: "state.prefix", type: "string" },
    name: { path: "state.name", type: "string" },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
  },
  indexes: [
    ["-createTime"],
    ["ownerId", "-createTime"],
    ["teamId", "-createTime"],
    ["roleIds", "-createTime"],
    ["prefix", "-createTime"],
    ["name", "-createTime"],
    ["-updateTime"],
  ],
  defaultOrder: "-createTime",
});
