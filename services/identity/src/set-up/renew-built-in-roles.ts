import { isDomainError } from "@keynode/decider/domain-error";
import { changedPaths } from "@keynode/decider/record";
import type { Contexts } from "../api/contexts.ts";
import { renewedFields } from "../domain/role/role.ts";
import type { RoleStore } from "../role.ts";
import { builtInRoles } from "./built-in-roles.ts";
import { platformScope } from "./set-up-tenant.ts";

const deadlineMs = 20_000;

/** Gives every tenant's built-in roles what this version of the platform has for them; those that have it are only read. */
export const renewBuiltInRoles = async (roles: RoleStore, { role }: Contexts, now: () => Date): Promise<void> => {
  const builtIn = roles.collection.find({ "state.builtIn": true }, { projection: { tenant: 1, state: 1 } });
  for await (const { _id: id, tenant, state } of builtIn) {
    const renewed = builtInRoles(tenant).get(id);
    if (renewed === undefined || changedPaths(state, renewed, renewedFields).length === 0) continue;
    const deadline = new Date(now().getTime() + deadlineMs);
    const scope = platformScope({ tenant, actor: "service:identity", visibility: { kind: "all" }, deadline }, tenant);
    const outcome = await roles.execute(id, { type: "RenewBuiltInRole", role: renewed }, scope, role);
    if (isDomainError(outcome)) throw new Error(`the role ${id} cannot be renewed: ${outcome.reason}`);
  }
};
