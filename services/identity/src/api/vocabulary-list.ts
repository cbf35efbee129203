import { defineListing } from "@keynode/query/listing";

/** What vocabularies may be filtered and sorted by. A tenant has few: they are listed from memory. */
export const vocabularyListing = defineListing({
  fields: {
    key: { path: "state.key", type: "string" },
    open: { path: "state.open", type: "bool" },
    builtIn: { path: "state.builtIn", type: "bool" },
    createTime: { path: "state.createTime", type: "time", optional: true },
    updateTime: { path: "state.updateTime", type: "time", optional: true },
  },
  indexes: [["key"], ["-createTime"], ["-updateTime"]],
  defaultOrder: "key",
  unowned: true,
});
