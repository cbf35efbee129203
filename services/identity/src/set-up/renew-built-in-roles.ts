import { isDomainError } from "@keynode/decider/domain-error";
import { changedPaths } from "@keynode/decider/record";
import type { Contexts } from "../api/contexts.ts";
import { renewedFields } from "../domain/role/role.ts";
import type { RoleStore } from "../role.ts";
import { builtInRoles } from "./built-in-roles.ts";
import { firstUserId, platformScope } from "./set-up-tenant.ts";

const deadlineMs = 20_000;

/**
 * Gives every tenant the built-in roles that this version of the platform has, with what they grant; those that have it
 * are only read.
 */
export const renewBuiltInRoles = async (roles: RoleStore, { role }: Contexts, now: () => Date): Promise<void> => {
  const found = new Map<string, Set<string>>();
  const scopeIn = (tenant: string) => {
    const deadline = new Date(now().getTime() + deadlineMs);
    return platformScope({ tenant, actor: "service:identity", visibility: { kind: "all" }, deadline }, tenant);
  };

  const builtIn = roles.collection.find({ "state.builtIn": true }, { projection: { tenant: 1, state: 1 } });
  for await (const { _id: id, tenant, state } of builtIn) {
    found.set(tenant, (found.get(tenant) ?? new Set()).add(id));
    const renewed = builtInRoles(tenant).get(id);
    if (renewed === undefined || changedPaths(state, renewed, renewedFields).length === 0) continue;
    const outcome = await roles.execute(id, { type: "RenewBuiltInRole", role: renewed }, scopeIn(tenant), role);
    if (isDomainError(outcome)) throw new Error(`the role ${id} cannot be renewed: ${outcome.reason}`);
  }

  for (const [tenant, ids] of found) {
    for (const [id, made] of builtInRoles(tenant)) {
      if (ids.has(id)) continue;
      const command = { type: "CreateRole", role: { ...made, ownerId: firstUserId(tenant) } } as const;
      const outcome = await roles.create(command, scopeIn(tenant), role, id);
      // Another replica that starts at the same moment has made it.
      if (isDomainError(outcome) && outcome.reason !== "ALREADY_EXISTS") {
        throw new Error(`the role ${id} cannot be made: ${outcome.reason}`);
      }
    }
  }
};
