import { derivedId } from "@keynode/aggregate/type-id";
import { snapshotOf } from "@keynode/api/snapshot";
import type { User } from "@keynode/contracts/crm/identity/v1/user";
import * as userEvents from "@keynode/contracts/crm/identity/v1/user_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

/** A user as far as cases are given to them. */
export type UserRow = {
  active: boolean;
  /** Whether new cases go to them: they have the role `Service agent` that every tenant begins with. */
  agent: boolean;
  teamId: string;
};

export type UserCopy = Copy<{ users: UserRow }>;

/** Our copy of identity's users. */
export const users = defineProjection<{ users: UserRow }>({
  name: "users",
  from: {
    identity: [
      "UserCreated",
      "UserEdited",
      "UserPasswordSet",
      "UserDeactivated",
      "UserActivated",
      "UserDeleted",
      "UserRestored",
    ],
  },
  tables: { users: { indexes: [{ key: { tenant: 1, agent: 1, active: 1 }, name: "agents" }] } },
  apply: async (event, tables) => {
    const user = snapshotOf<User>(event, userEvents);
    if (user === undefined) return;
    const { recordId: id, tenant, version } = event;
    const place = { id, tenant, version };
    if (user.deleteTime !== undefined) return await tables.users.bury(place);
    await tables.users.keep(place, {
      active: user.active,
      agent: isAgent(user, tenant),
      teamId: user.teamIds[0] ?? "",
    });
  },
});

export const isAgent = ({ roleIds }: User, tenant: string): boolean => roleIds.includes(serviceAgentRoleId(tenant));

/** Identity derives the ids of the roles that every tenant begins with from the tenant and the role's key. */
export const serviceAgentRoleId = (tenant: string): string => derivedId("role", tenant, "serviceAgent");
