import { isDomainError } from "@keynode/decider/domain-error";
import type { Contexts } from "../api/contexts.ts";
import type { RoleStore } from "../role.ts";
import { builtInRoles } from "./built-in-roles.ts";
import { platformScope } from "./set-up-tenant.ts";

const deadlineMs = 20_000;

/** Gives every tenant's built-in roles what this version of the platform has for them; those that have it stay as they are. */
export const renewBuiltInRoles = async (roles: RoleStore, { role }: Contexts, now: () => Date): Promise<void> => {
  const found = roles.collection.find({ "state.builtIn": true }, { projection: { tenant: 1 } });
  for await (const { _id: id, tenant } of found) {
    const renewed = builtInRoles(tenant).get(id);
    if (renewed === undefined) continue;
    const deadline = new Date(now().getTime() + deadlineMs);
    const scope = platformScope({ tenant, actor: "service:identity", visibility: { kind: "all" }, deadline }, tenant);
    const outcome = await roles.execute(id, { type: "RenewBuiltInRole", role: renewed }, scope, role);
    if (isDomainError(outcome)) throw new Error(`the role ${id} cannot be renewed: ${outcome.reason}`);
  }
};
