import { defineListing } from "@keynode/query/listing";

/** What the audit trail may be filtered and sorted by, and the indexes that serve it. */
export const auditEntryListing = defineListing({
  fields: {
    time: { path: "at", type: "time" },
    actor: { path: "actor", type: "string", residual: true },
    recordIds: { path: "recordIds", type: "string", repeated: true },
    collection: { path: "collection", type: "string", residual: true },
    action: { path: "action", type: "string", residual: true },
    kind: {
      path: "kind",
      type: "enum",
      values: ["CHANGE", "READ", "SEARCH", "EXPORT", "SIGN_IN", "DENIAL"],
      residual: true,
    },
    service: { path: "service", type: "string", residual: true },
    requestId: { path: "requestId", type: "string", residual: true },
  },
  indexes: [
    ["-time"],
    ["actor", "-time"],
    ["recordIds", "-time"],
    ["collection", "-time"],
    ["action", "-time"],
    ["kind", "-time"],
  ],
  defaultOrder: "-time",
  // The trail is nobody's: auditors see all of it, others nothing.
  unowned: true,
});
