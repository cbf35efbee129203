import { defineListing } from "@keynode/query/listing";

/** What forms may be filtered and sorted by; a tenant has few. */
export const formListing = defineListing({
  fields: {
    collection: { path: "state.collection", type: "string", residual: true },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
  },
  indexes: [["-updateTime"]],
  defaultOrder: "-createTime",
});
