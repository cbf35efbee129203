import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/role_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { roleListing } from "./api/role-list.ts";
import { decide } from "./domain/role/decide.ts";
import { evolve } from "./domain/role/evolve.ts";
import type { RoleCommand, RoleContext, RoleEvent, RoleState } from "./domain/role/role.ts";

export const roleAggregate = defineAggregate<RoleState, RoleCommand, RoleEvent, RoleContext>({
  name: "role",
  collection: "roles",
  decider: { decide, evolve },
  events: codecs,
  derive: ({ name }) => ({ nameKey: sortKey(name) }),
  onDeleted: ["DeleteRole", "UndeleteRole"],
  indexes: listIndexes(roleListing),
});

export type RoleStore = Store<RoleState, RoleCommand, RoleEvent, RoleContext>;
