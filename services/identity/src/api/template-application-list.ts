import { defineListing } from "@keynode/query/listing";

/** What applications of templates may be filtered and sorted by; a tenant has few. */
export const templateApplicationListing = defineListing({
  fields: {
    templateKey: { path: "state.templateKey", type: "string", residual: true },
    state: { path: "state.state", type: "enum", values: ["APPLYING", "COMPLETE"], residual: true },
    createTime: { path: "state.createTime", type: "time" },
  },
  indexes: [],
  defaultOrder: "-createTime",
  unowned: true,
});
