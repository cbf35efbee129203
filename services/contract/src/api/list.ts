import { defineListing } from "@keynode/query/listing";

/** What products may be filtered and sorted by, and the indexes that serve it. */
export const productListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    code: { path: "state.code", type: "string", prefixable: true },
    series: { path: "state.series", type: "string" },
    aliases: { path: "state.aliases", type: "string", repeated: true },
    externalKey: { path: "state.externalKey", type: "string" },
    createTime: { path: "state.createTime", type: "time" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey" },
  },
  indexes: [
    ["code", "-createTime"],
    ["series", "-createTime"],
    ["aliases", "-createTime"],
    ["externalKey", "-createTime"],
    ["name", "-createTime"],
    ["name"],
  ],
  defaultOrder: "-createTime",
  customFields: true,
});

/** What contracts may be filtered and sorted by, and the indexes that serve it. */
export const contractListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    number: { path: "state.number", type: "string" },
    accountId: { path: "state.accountId", type: "string" },
    opportunityId: { path: "state.opportunityId", type: "string" },
    status: {
      path: "state.status",
      type: "enum",
      values: ["DRAFT", "NEGOTIATING", "SIGNED", "CANCELLED"],
      residual: true,
    },
    signedDate: { path: "state.signedOn", type: "date", optional: true },
    createTime: { path: "state.createTime", type: "time" },
    updateTime: { path: "state.updateTime", type: "time" },
    title: { path: "state.title", type: "string", sortPath: "state.titleKey", residual: true },
  },
  indexes: [
    ["accountId", "-createTime"],
    ["opportunityId", "-createTime"],
    ["status", "-createTime"],
    ["ownerId", "status", "-createTime"],
    ["number", "-createTime"],
    ["-signedDate"],
    ["-updateTime"],
    ["title"],
  ],
  defaultOrder: "-createTime",
  customFields: true,
});

/** What rounds may be filtered and sorted by, and the indexes that serve it. */
export const roundListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    contractId: { path: "state.contractId", type: "string" },
    clauseId: { path: "state.clauseId", type: "string", residual: true },
    party: { path: "state.party", type: "enum", values: ["OURS", "THEIRS"], residual: true },
    agreed: { path: "state.agreed", type: "bool", residual: true },
    number: { path: "state.number", type: "int32" },
    createTime: { path: "state.createTime", type: "time" },
  },
  indexes: [
    ["contractId", "-createTime"],
    ["contractId", "clauseId", "number"],
  ],
  defaultOrder: "-createTime",
});

/** What purchases may be filtered and sorted by, and the indexes that serve it. */
export const purchaseListing = defineListing({
  fields: {
    ownerId: { path: "state.ownerId", type: "string" },
    teamId: { path: "state.teamId", type: "string" },
    accountId: { path: "state.accountId", type: "string" },
    contractId: { path: "state.contractId", type: "string" },
    opportunityId: { path: "state.opportunityId", type: "string" },
    orderChannel: {
      path: "state.orderChannel",
      type: "enum",
      values: ["ORDER_CHANNEL_UNSPECIFIED", "SALESPERSON", "STORE", "ONLINE", "PHONE", "PARTNER"],
      residual: true,
    },
    externalKey: { path: "state.externalKey", type: "string" },
    purchaseDate: { path: "state.purchasedOn", type: "date" },
    createTime: { path: "state.createTime", type: "time" },
  },
  indexes: [
    ["accountId", "-purchaseDate"],
    ["contractId", "-purchaseDate"],
    ["opportunityId", "-purchaseDate"],
    ["externalKey", "-purchaseDate"],
    ["-createTime"],
  ],
  defaultOrder: "-purchaseDate",
  customFields: true,
});
