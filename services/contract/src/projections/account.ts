import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

/** Which accounts there are: all that the rules of contracts and purchases ask. */
export const accountProjection = defineProjection<{ accounts: object }>({
  name: "accounts",
  from: { account: ["AccountCreated", "AccountDeleted", "AccountRestored"] },
  tables: { accounts: {} },
  apply: async ({ type, recordId: id, tenant, version }, { accounts }) => {
    const place = { id, tenant, version };
    await (type === "AccountDeleted" ? accounts.bury(place) : accounts.keep(place, {}));
  },
});

export type AccountCopy = Copy<{ accounts: object }>;
