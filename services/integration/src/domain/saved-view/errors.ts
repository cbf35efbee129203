import type { ErrorTable } from "@keynode/decider/error-table";

/** Why the integration service refuses. */
export const savedViewErrors = {
  COLLECTION_UNKNOWN: {
    code: "INVALID_ARGUMENT",
    message: { en: "There is no collection {collection}.", zh: "集合 {collection} 不存在。" },
  },
} satisfies ErrorTable;
