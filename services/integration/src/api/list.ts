import { defineListing } from "@keynode/query/listing";

/** What saved views may be filtered and sorted by, and the indexes that serve it. */
export const savedViewListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    collection: { path: "state.collection", type: "string" },
    shared: { path: "state.shared", type: "bool" },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    name: { path: "state.nameKey", type: "string" },
  },
  indexes: [
    ["-createTime"],
    ["ownerId", "-createTime"],
    ["teamId", "-createTime"],
    ["collection", "-createTime"],
    ["ownerId", "collection", "-createTime"],
    ["shared", "-createTime"],
    ["-updateTime"],
    ["collection", "name"],
    ["name"],
  ],
  defaultOrder: "-createTime",
  // A shared view is everybody's to read, so teams are looked for where that is said.
  team: "state.audience",
});
