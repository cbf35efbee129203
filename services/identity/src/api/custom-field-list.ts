import { defineListing } from "@keynode/query/listing";

/** What custom fields may be filtered and sorted by, and the indexes that serve it. */
export const customFieldListing = defineListing({
  fields: {
    collection: { path: "state.collection", type: "string" },
    key: { path: "state.key", type: "string", residual: true },
    position: { path: "state.position", type: "int32" },
    createTime: { path: "state.createTime", type: "time" },
  },
  indexes: [
    ["collection", "-createTime"],
    ["collection", "position"],
  ],
  defaultOrder: "-createTime",
});
