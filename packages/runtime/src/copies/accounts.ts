import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "../service-definition.ts";

export type AccountCopy = Copy<{ accounts: object }>;

/** A service's copy of which accounts there are, for services whose records name one and need no more of it. */
export const accounts = defineProjection<{ accounts: object }>({
  name: "accounts",
  from: { account: ["AccountCreated", "AccountDeleted", "AccountRestored"] },
  tables: { accounts: {} },
  apply: async ({ type, recordId: id, tenant, version }, tables) => {
    const place = { id, tenant, version };
    await (type === "AccountDeleted" ? tables.accounts.bury(place) : tables.accounts.keep(place, {}));
  },
});
