import { defineListing } from "@keynode/query/listing";

/** What identity providers may be filtered and sorted by, and the indexes that serve it. */
export const identityProviderListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    issuer: { path: "state.issuer", type: "string" },
    enabled: { path: "state.enabled", type: "bool" },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey", residual: true },
  },
  indexes: [
    ["-createTime"],
    ["ownerId", "-createTime"],
    ["teamId", "-createTime"],
    ["issuer", "-createTime"],
    ["enabled", "-createTime"],
    ["-updateTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
});
