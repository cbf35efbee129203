import { defineListing } from "@keynode/query/listing";

/** What templates may be filtered and sorted by. They are data of the platform and listed from memory. */
export const templateListing = defineListing({
  fields: {
    key: { path: "template.key", type: "string" },
    revision: { path: "template.revision", type: "int32" },
  },
  indexes: [["key"]],
  defaultOrder: "key",
  unowned: true,
});
